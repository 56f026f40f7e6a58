import type { NodeStatus, Reach, StatusReport } from "../../model/status.ts";
import { type Cell, hostRows, plain, redisRows } from "./cells.ts";
import { columnsFor, type Line, layOut, type Paint, wrap } from "./columns.ts";

const labelWidth = 15;
/** Where nobody says how wide the terminal is. */
export const usualWidth = 80;

/** The report as lines of at most `width` characters. */
export function statusLines(report: StatusReport, width: number, paint: Paint = (text) => text): string[] {
  const { nodes } = report;
  const { count, each } = columnsFor(width, labelWidth, nodes.length);
  const groups = Array.from({ length: Math.ceil(nodes.length / count) }, (_, n) =>
    nodes.slice(n * count, (n + 1) * count),
  );
  const lay = (lines: Line[]) => lines.flatMap((line) => layOut(line, labelWidth, each, paint));
  return [
    ...wrap(title(report), width),
    ...groups.flatMap((group) => ["", ...lay(tableOf(group))]),
    "",
    ...groups.flatMap((group) => lay(reachLines(report, group))),
    "",
    ...conclusion(report, width, paint),
  ];
}

function title({ cluster, vip, from, at, nodes }: StatusReport): string {
  const holders = nodes.filter(({ holder }) => holder.value === true).map(({ name }) => name);
  const where = holders.length === 0 ? "seen nowhere" : `on ${holders.join(" and ")}`;
  return `${cluster}: virtual IP ${vip} ${where}; asked from ${from} at ${at.slice(0, 19)}Z`;
}

const tableOf = (nodes: readonly NodeStatus[]): Line[] => [
  { label: "", head: true, cells: nodes.map(({ name, here }) => plain(here ? `${name}, this host` : name)) },
  { label: "Redis", head: true, cells: nodes.map(redisHead) },
  ...redisRows.map(({ label, cells }) => ({ label, cells: nodes.map(cells) })),
  { label: "Host", head: true, cells: nodes.map(hostHead) },
  ...hostRows.map(({ label, cells }) => ({ label, cells: nodes.map(cells) })),
];

const redisHead = ({ redis }: NodeStatus): Cell =>
  plain(
    redis.value === null ? "asked now, no answer" : `asked now${redis.value.server ? `: ${redis.value.server}` : ""}`,
  );

function hostHead({ priority }: NodeStatus): Cell {
  if (priority.value === null) return plain(priority.unknown);
  if (priority.via === "host") return plain("read here now");
  return plain(priority.via === "agent" ? "told by its agent now" : "told by its health check now");
}

const words = { yes: "yes", no: "! no", unknown: "?" } as const;

/** A row for each node that asks, a column for each that is asked. */
function reachLines({ nodes, reach }: StatusReport, to: readonly NodeStatus[]): Line[] {
  const between = (from: NodeStatus, other: NodeStatus): Reach | undefined =>
    reach.find((one) => one.from === from.name && one.to === other.name);
  return [
    { label: "Reaches", head: true, cells: to.map(({ name }) => plain(name)) },
    ...nodes.map((from) => ({
      label: from.name.length > labelWidth - 3 ? `${from.name.slice(0, labelWidth - 4)}~` : from.name,
      cells: to.map((other): Cell => {
        const one = between(from, other);
        return plain(one ? `Redis ${words[one.redis]}, VRRP heard ${words[one.vrrp]}` : "-");
      }),
    })),
  ];
}

const severities = { ok: "OK", warning: "WARNING", critical: "CRITICAL", unknown: "UNKNOWN" } as const;
const styles = { ok: "good", warning: "warning", critical: "wrong", unknown: "warning" } as const;

/** What is wrong, and the one command to type next. */
function conclusion({ findings }: StatusReport, width: number, paint: Paint): string[] {
  const [first, ...more] = findings;
  if (!first) return [];
  const { severity, text, command, on } = first;
  const others = more.length > 0 ? ` (and ${more.length} more: --json)` : "";
  const lines = wrap(`${severities[severity]}: ${text}${others}`, width, 2).map((line) =>
    paint(line, styles[severity]),
  );
  // Not wrapped: it is to be copied.
  return command === undefined ? lines : [...lines, `Next${on === undefined ? "" : `, on ${on}`}: ${command}`];
}
