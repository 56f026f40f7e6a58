import type { LogLine } from "../../model/timeline.ts";
import { numberOf, stepsOf, textOf } from "./log-lines.ts";

interface CauseRow {
  code: string;
  /** A line shows it so long after the first one. Default: 1.5 s, in which both nodes log what happened to one of them. */
  within_ms?: number;
  /** An incident does not begin with it, if another row fits: it also follows from what was before. */
  weak?: true;
  /** The node to which it happened, if this line shows it, among the first lines of an incident. `nodes`: those whose logs there are. */
  shows(line: LogLine, first: readonly LogLine[], nodes: readonly string[]): string | undefined | false;
  text(node: string, line: LogLine): string;
}

const local = (line: LogLine): boolean => textOf(line, "peer") === line.node;
const gone = (line: LogLine, why: string): boolean =>
  line.event === "redis-gone" && line.message.includes(why) && local(line);
const unfit = (line: LogLine, ...causes: string[]): boolean =>
  line.event === "verdict" && line.fields.healthy === false && causes.includes(textOf(line, "cause"));
const decided = (line: LogLine, transition: string, row = ""): boolean =>
  line.event === "decided" && textOf(line, "transition") === transition && line.message.startsWith(row);
/** The master from which a node took the role while that one served, and Keepalived there reported no change, as its own log tells. */
function unheard(line: LogLine, first: readonly LogLine[], nodes: readonly string[]): string | undefined {
  const from = decided(line, "MASTER")
    ? /^take the master role over from ([^:]+):/.exec(stepsOf(line)[0] ?? "")?.[1]
    : undefined;
  if (from === undefined || !nodes.includes(from)) return undefined;
  const gave = (other: LogLine) => ["BACKUP", "FAULT", "STOP"].some((transition) => decided(other, transition));
  return first.some((other) => other.node === from && gave(other)) ? undefined : from;
}
const lost = (line: LogLine): boolean => line.event === "redis-gone" && !local(line);
const detail = (line: LogLine): string => (textOf(line, "detail") ? ` (${textOf(line, "detail")})` : "");

/** What can be the cause, the surest first: what a person did, what a host says of itself, then what others see of it. */
export const causes: readonly CauseRow[] = [
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
    // The agent is sure after three advertisements that did not come.
    within_ms: 4000,
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
    code: "vrrp-not-heard",
    shows: unheard,
    text: (node, line) =>
      `${line.node} took the role of ${node}, which it did not hear (VRRP): Keepalived there was dead or hung, or VRRP is blocked`,
  },
  {
    code: "node-silent",
    shows: (line) => lost(line) && textOf(line, "peer"),
    text: (node, line) => `${node} was not heard by ${line.node}${detail(line)}: its host, its Redis or the network`,
  },
  {
    code: "connection-broke",
    shows: (line) => line.event === "redis-back" && textOf(line, "before") !== "" && textOf(line, "peer"),
    text: (node, line) =>
      `the connection of ${line.node} to ${node} broke (${textOf(line, "before")}): a slow or lossy network, or a host that stood still`,
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
    code: "check",
    shows: (line) => line.event === "verdict" && line.level !== "info" && line.node,
    text: (node, line) => `${node} went on serving with a fault: ${textOf(line, "cause")}${detail(line)}`,
  },
  {
    code: "refused",
    shows: (line) => ["transition-refused", "transition-failed"].includes(line.event) && line.node,
    text: (node, line) => `${line.message.split(":")[0]} on ${node}: ${textOf(line, "why")}`,
  },
  {
    code: "fault",
    shows: (line) => decided(line, "FAULT") && line.node,
    text: (node, line) =>
      `Keepalived put ${node}${line.message.startsWith("the local Redis is master") ? ", the master," : ""} into FAULT: an interface, a check, or a request to give the virtual IP away`,
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
    code: "agent-hung",
    shows: (line) => line.event === "agent-resumed" && line.node,
    text: (node, line) =>
      `the agent of ${node} stood still for ${numberOf(line, "silent_s") ?? "some"} s, or could not write its heartbeat`,
  },
  {
    code: "backup",
    weak: true,
    shows: (line) => decided(line, "BACKUP") && line.node,
    text: (node) => `Keepalived of ${node} reported BACKUP: it was started, or heard another node again`,
  },
  {
    code: "cluster-file",
    shows: (line) => line.event.startsWith("cluster-file-") && line.node,
    text: (node, line) => `the cluster file of ${node}: ${line.message}`,
  },
];
