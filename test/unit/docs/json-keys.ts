/** Every key of an object and of all objects in it. */
export const keysIn = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.flatMap(keysIn)
    : typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, one]) => [key, ...keysIn(one)])
      : [];

/** The keys that a page names: alone in backquotes, or as JSON has them. As words of the text, `on` and `at` are in every page. */
export const documentedKeys = (text: string): Set<string | undefined> =>
  new Set([...text.matchAll(/`(\w+)`|"(\w+)":/g)].map(([, quoted, key]) => quoted ?? key));
