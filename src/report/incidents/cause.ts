import type { Incident, LogLine } from "../../model/timeline.ts";
import { causes } from "./causes.ts";

type Cause = Incident["cause"];

// What comes later followed from it.
const beginning_ms = 1500;

/** The first line that shows any of the causes. */
export const firstShown = (lines: readonly LogLine[], nodes: readonly string[]): LogLine | undefined => {
  const first = (weak: boolean) =>
    lines.find((line) => causes.some((cause) => (weak || !cause.weak) && cause.shows(line, lines, nodes)));
  return first(false) ?? first(true);
};

/** Why an incident began: the first row of the table that one of its first lines shows. `nodes`: those whose logs there are. */
export function causeOf(lines: readonly LogLine[], nodes: readonly string[]): Cause {
  const begin_ms = firstShown(lines, nodes)?.at_ms ?? 0;
  for (const { code, shows, text, within_ms = beginning_ms } of causes) {
    const first = lines.filter(({ at_ms }) => at_ms - begin_ms <= within_ms);
    for (const line of first) {
      const node = shows(line, first, nodes);
      if (node) return { code, node, text: text(node, line) };
    }
  }
  const [line] = lines;
  return { code: "other", node: line?.node ?? "", text: line ? `${line.node}: ${line.message}` : "" };
}
