/** Whether a version such as 7.0.15 is older than another one, as far as that one is written out. */
export function older(version: string, than: string): boolean {
  const ours = numbersIn(version);
  for (const [index, theirs] of numbersIn(than).entries()) {
    const own = ours[index] ?? 0;
    if (own !== theirs) return own < theirs;
  }
  return false;
}

/** The first Keepalived with reload_check_config: its commit 9705ba1d is in the tag v2.2.0, and not in v2.1.5. */
export const oldestKeepalived = "2.2";

const numbersIn = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number);

export const minor = (version: string): string => version.split(".").slice(0, 2).join(".");
