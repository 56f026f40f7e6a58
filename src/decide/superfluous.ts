/** A file of the quarantine. */
export interface KeptFile {
  name: string;
  bytes: number;
  age_s: number;
}

const week_s = 7 * 24 * 3600;

/**
 * Which files go when there are too many, or too many bytes. `kept` begins with the newest, which stays. First those older than a week
 * go, the oldest first; then those in the middle: ten false alarms within a minute push out neither what a split left before them nor
 * the newest.
 */
export function superfluous(kept: readonly KeptFile[], max: { count: number; bytes: number }): KeptFile[] {
  const left = [...kept];
  const removed: KeptFile[] = [];
  const bytes = () => left.reduce((sum, file) => sum + file.bytes, 0);
  while (left.length > 1 && (left.length > max.count || bytes() > max.bytes)) {
    const old = (left.at(-1)?.age_s ?? 0) > week_s;
    removed.push(...left.splice(old ? left.length - 1 : Math.floor(left.length / 2), 1));
  }
  return removed;
}
