/** The known name that is most similar to a misspelt one, if any is similar enough. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known.map((one) => ({ one, edits: distance(one, name) })).sort((a, b) => a.edits - b.edits);
  if (best && best.edits <= Math.max(name.length > 3 ? 2 : 1, name.length / 3)) return best.one;
  // A prefix is similar enough, such as `password` for `password_file`.
  return name.length < 3 ? undefined : known.find((one) => one.startsWith(name));
}

/** Levenshtein distance: the number of letters to change, add or remove. */
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
