import type { Incident, LogLine } from "../../model/timeline.ts";
import { textOf } from "./log-lines.ts";

type Cause = Incident["cause"];

interface CauseRow {
  code: string;
  /** The node to which it happened, if this line shows it. */
  shows(line: LogLine, all: readonly LogLine[]): string | undefined | false;
  text(node: string, line: LogLine): string;
}

const local = (line: LogLine): boolean => textOf(line, "peer") === line.node;
const gone = (line: LogLine, why: string): boolean =>
  line.event === "redis-gone" && line.message.includes(why) && local(line);
const unfit = (line: LogLine, ...causes: string[]): boolean =>
  line.event === "verdict" && line.fields.healthy === false && causes.includes(textOf(line, "cause"));
const decided = (line: LogLine, transition: string, row: string): boolean =>
  line.event === "decided" && textOf(line, "transition") === transition && line.message.startsWith(row);
const lost = (line: LogLine): boolean => line.event === "redis-gone" && !local(line);
const detail = (line: LogLine): string => (textOf(line, "detail") ? ` (${textOf(line, "detail")})` : "");

/** What can be the cause, the surest first: what a person did, what a host says of itself, then what others see of it. */
const causes: readonly CauseRow[] = [
  {
    code: "maintenance",
    shows: (line) => line.event === "maintenance" && line.node,
    text: (node, line) => `an operator changed the maintenance of ${node}: ${line.message}`,
  },
  {
    code: "operator",
    shows: (line) => line.event === "command-step" && line.node,
    text: (node, line) => `an operator ran ${line.executable} on ${node}`,
  },
  {
    code: "keepalived-stopped",
    shows: (line) => textOf(line, "transition") === "STOP" && line.node,
    text: (node) => `Keepalived of ${node} was stopped`,
  },
  {
    code: "keepalived-dead",
    shows: (line) => ["stepping-down", "keepalived-dead", "vip-stays"].includes(line.event) && line.node,
    text: (node) => `Keepalived of ${node} was dead or hung`,
  },
  {
    code: "redis-down",
    shows: (line) => (gone(line, "refused") || unfit(line, "refused")) && line.node,
    text: (node, line) => `the Redis of ${node} was down${detail(line)}`,
  },
  {
    code: "redis-hung",
    shows: (line) => (gone(line, "timeout") || unfit(line, "timeout", "busy")) && line.node,
    text: (node, line) => `the Redis of ${node} hung${detail(line)}`,
  },
  {
    code: "redis-restarted",
    shows: (line) => line.event === "restarted-parked" && line.node,
    text: (node) => `the Redis of ${node} was restarted`,
  },
  {
    code: "cut",
    shows: (line, all) =>
      lost(line) && all.some((other) => lost(other) && textOf(other, "peer") === line.node) && textOf(line, "peer"),
    text: (node, line) =>
      `the network between ${[node, line.node].sort().join(" and ")} was cut: neither reached the other`,
  },
  {
    code: "interface-or-check",
    shows: (line) => line.event === "fault-though-fit" && line.node,
    text: (node) => `Keepalived put ${node} into FAULT, though its Redis was fit: an interface or a check`,
  },
  {
    code: "drain",
    shows: (line) => unfit(line, "draining") && line.node,
    text: (node) => `${node} was asked to give the virtual IP away`,
  },
  {
    code: "agent-killed",
    shows: (line) => line.event === "agent-started" && line.fields.previous === "killed" && line.node,
    text: (node) => `the agent of ${node} was killed or crashed, and was started again`,
  },
  {
    code: "node-silent",
    shows: (line) => lost(line) && textOf(line, "peer"),
    text: (node, line) => `${node} was not heard by ${line.node}${detail(line)}: its host, its Redis or the network`,
  },
  {
    code: "role-taken",
    shows: (line) => unfit(line, "role-taken") && line.node,
    text: (node) => `another node took the role of ${node} without hearing it (VRRP)`,
  },
  {
    code: "unfit",
    shows: (line) => unfit(line, textOf(line, "cause")) && line.node,
    text: (node, line) => `${node} was unfit: ${textOf(line, "cause")}${detail(line)}`,
  },
  {
    code: "refused",
    shows: (line) => ["transition-refused", "transition-failed"].includes(line.event) && line.node,
    text: (node, line) => `${line.message.split(":")[0]} on ${node}: ${textOf(line, "why")}`,
  },
  {
    code: "fault",
    shows: (line) => decided(line, "FAULT", "the local Redis is master") && line.node,
    text: (node) =>
      `Keepalived put ${node}, the master, into FAULT: an interface, a check, or a request to give the virtual IP away`,
  },
  {
    code: "master-gone",
    shows: (line) => decided(line, "MASTER", "no master answers") && line.node,
    text: (node) => `no master answered ${node}: the other host, its Redis or the network`,
  },
  {
    code: "role-moved",
    shows: (line) => line.event === "step-done" && ["hand-over", "promote"].includes(textOf(line, "step")) && line.node,
    text: (node) => `${node} took the master role; these logs do not tell why`,
  },
  {
    code: "cluster-file",
    shows: (line) => line.event.startsWith("cluster-file-") && line.node,
    text: (node, line) => `the cluster file of ${node}: ${line.message}`,
  },
];

// Both nodes log what happened to one of them within this time. What comes later followed from it.
const beginning_ms = 1500;

/** The first line that shows any of the causes. */
export const firstShown = (lines: readonly LogLine[]): LogLine | undefined =>
  lines.find((line) => causes.some(({ shows }) => shows(line, lines)));

/** Why an incident began: the first row of the table that one of its first lines shows. */
export function causeOf(lines: readonly LogLine[]): Cause {
  const begin_ms = firstShown(lines)?.at_ms ?? 0;
  const first = lines.filter(({ at_ms }) => at_ms - begin_ms <= beginning_ms);
  for (const { code, shows, text } of causes)
    for (const line of first) {
      const node = shows(line, first);
      if (node) return { code, node, text: text(node, line) };
    }
  const [line] = lines;
  return { code: "other", node: line?.node ?? "", text: line ? `${line.node}: ${line.message}` : "" };
}
