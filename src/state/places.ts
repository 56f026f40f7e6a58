/**
 * Whole numbers as text, "0-499,501": the places of the writes in a file that are not applied yet. They are written down twice for each five hundred
 * writes that are applied, so 100,000 of them must stay short.
 */
export function placesText(places: Iterable<number>): string {
  const ranges: [from: number, to: number][] = [];
  for (const place of places) {
    const last = ranges.at(-1);
    if (last && place === last[1] + 1) last[1] = place;
    else ranges.push([place, place]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

/** The numbers in such a text, in its order. Throws a SyntaxError for another text. */
export function placesIn(text: string): number[] {
  if (typeof text !== "string") throw new SyntaxError("places are a text");
  if (text === "") return [];
  return text.split(",").flatMap((range) => {
    const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(range) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === undefined || last < first) throw new SyntaxError(`"${range}" is no range of places`);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
