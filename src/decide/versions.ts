/** Whether a version such as 7.0.15 is older than another one, as far as that one is written out. */
export function older(version: string, than: string): boolean {
  const ours = numbersIn(version);
  for (const [index, theirs] of numbersIn(than).entries()) {
    const own = ours[index] ?? 0;
    if (own !== theirs) return own < theirs;
  }
  return false;
}

const numbersIn = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number);

export const minor = (version: string): string => version.split(".").slice(0, 2).join(".");
