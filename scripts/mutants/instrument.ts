import type { Mutant } from "./collect.ts";

/** The name of the variable with the number of the active mutant. The bundle starts with its declaration. */
export const chosen = "__mutant";

/**
 * Inserts all mutants of a file: each expression with mutants becomes a choice between them and itself. So one build is enough
 * for all mutants.
 */
export function withMutants(text: string, mutants: readonly (Mutant & { id: number })[]): string {
  const hosts = new Map<string, (Mutant & { id: number })[]>();
  for (const mutant of mutants) {
    const place = `${mutant.host.start}-${mutant.host.end}`;
    hosts.set(place, [...(hosts.get(place) ?? []), mutant]);
  }
  const marks = [...hosts.values()].flatMap((group) => {
    const { start, end } = (group[0] as Mutant).host;
    const choices = group.map(({ id, edit }) => {
      const mutated = text.slice(start, edit.start) + edit.text + text.slice(edit.end, end);
      return `${chosen} === ${id} ? (${mutated}\n) : `;
    });
    const length = end - start;
    return [
      { at: start, text: `(${choices.join("")}(`, order: -length },
      // An inner expression ends before the outer one.
      { at: end, text: "))", order: length - Number.MAX_SAFE_INTEGER },
    ];
  });
  const inOrder = marks.sort((a, b) => a.at - b.at || a.order - b.order);
  let built = "";
  let from = 0;
  for (const { at, text: mark } of inOrder) {
    built += text.slice(from, at) + mark;
    from = at;
  }
  return built + text.slice(from);
}
