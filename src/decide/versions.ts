/** Whether a version such as 7.0.15 is older than another one, as far as that one is written out. */
export function older(version: string, than: string): boolean {
  const [a, b] = [version, than].map((one) => one.split(".").map((part) => Number.parseInt(part, 10) || 0));
  for (const [index, part] of (b ?? []).entries()) {
    const ours = a?.[index] ?? 0;
    if (ours !== part) return ours < part;
  }
  return false;
}

export const minor = (version: string): string => version.split(".").slice(0, 2).join(".");
