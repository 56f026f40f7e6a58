/** The known name that somebody most likely meant, if one is near enough. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known.map((one) => ({ one, far: distance(one, name) })).sort((a, b) => a.far - b.far);
  if (best && best.far <= Math.max(name.length > 3 ? 2 : 1, name.length / 3)) return best.one;
  // `password` for `password_file`: the beginning was right.
  return name.length < 3 ? undefined : known.find((one) => one.startsWith(name));
}

/** Edit distance (Levenshtein): how many letters must change to get from one to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
