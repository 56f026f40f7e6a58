import type { LogLine, RowKind } from "../../model/timeline.ts";
import { stepsOf, textOf } from "./log-lines.ts";

/** What a line says of the state of a node. `before`: it was so until this line, as far as nothing else tells. */
export interface Change {
  node: string;
  row: RowKind;
  state: string;
  before?: boolean;
}

/** A state of the row `writable`: what its role makes of it. */
export const letThrough = "let through";

const down = (node: string, state: string): Change[] => [
  { node, row: "role", state },
  { node, row: "writable", state: "no" },
];
const master = (node: string): Change[] => [
  { node, row: "role", state: "master" },
  { node, row: "writable", state: "yes" },
];
const replica = (node: string): Change[] => [
  { node, row: "role", state: "replica" },
  { node, row: "writable", state: "no" },
];

/** A word of the log may be "constructor", too. */
const ownValue = <Value>(table: Readonly<Record<string, Value>>, word: string): Value | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;

/** What each event changes. Others change nothing. */
const changesOf: Readonly<Record<string, (line: LogLine) => Change[]>> = {
  "redis-gone": (line) => {
    const peer = textOf(line, "peer");
    if (peer !== line.node) return [{ node: line.node, row: "link", state: "gone" }];
    return down(line.node, line.message.includes("timeout") ? "silent" : "down");
  },
  "redis-back": ({ node }) => [{ node, row: "link", state: "up" }],
  "replica-parked": ({ node }) => down(node, "parked"),
  "restarted-parked": ({ node }) => down(node, "parked"),
  "clients-blocked": ({ node }) => [{ node, row: "writable", state: "no" }],
  "vip-removed": ({ node }) => [{ node, row: "vip", state: "no" }],
  verdict: (line) => [...verdictBefore(line), ...verdictNow(line)],
  decided: (line) => [
    ...decidedBefore(line),
    { node: line.node, row: "vip", state: textOf(line, "transition") === "MASTER" ? "yes" : "no" },
  ],
  "step-done": (line) => {
    const at = textOf(line, "at") || line.node;
    return ownValue(stepChanges, textOf(line, "step"))?.(at) ?? [];
  },
};

const stepChanges: Readonly<Record<string, (at: string) => Change[]>> = {
  promote: (at) => master(at),
  "hand-over": (at) => master(at),
  follow: (at) => replica(at),
  park: (at) => down(at, "parked"),
  fence: (at) => [{ node: at, row: "writable", state: "no" }],
  unfence: (at) => [{ node: at, row: "writable", state: letThrough }],
};

/** The roles by a cause of the health check. */
const roleOf: Readonly<Record<string, (node: string) => Change[]>> = {
  master: (node) => [...master(node), { node, row: "vip", state: "yes" }],
  replica: (node) => [...replica(node), { node, row: "vip", state: "no" }],
  refused: (node) => down(node, "down"),
  timeout: (node) => down(node, "silent"),
  "not-following": (node) => down(node, "parked"),
  "link-down": replica,
  "role-taken": replica,
};

const linkOf: Readonly<Record<string, string>> = { replica: "up", "link-down": "gone" };

function verdictNow(line: LogLine): Change[] {
  const cause = textOf(line, "cause");
  const link = ownValue(linkOf, cause);
  const changes = ownValue(roleOf, cause)?.(line.node) ?? [];
  return link ? [...changes, { node: line.node, row: "link", state: link }] : changes;
}

const verdictBefore = (line: LogLine): Change[] => {
  const before = /\(before: ([\w-]+)\)/.exec(line.message)?.[1] ?? "";
  return (ownValue(roleOf, before)?.(line.node) ?? []).map((change) => ({ ...change, before: true }));
};

/** A hand-over names the master that it takes the role from. */
const decidedBefore = (line: LogLine): Change[] => {
  const from = stepsOf(line).flatMap((step) => /^take the master role over from ([^:]+):/.exec(step)?.[1] ?? [])[0];
  const ours = /the local Redis (is|copies from a) (master)/.exec(line.message)?.[1];
  const before = [
    ...(from ? [...master(from), ...replica(line.node)] : []),
    ...(ours === "is" ? master(line.node) : []),
  ];
  return before.map((change) => ({ ...change, before: true }));
};

/**
 * What a line changes. A hand-over also makes the former master a replica, which its own log does not say. A node that does not
 * answer is silent, if its own log does not tell more.
 */
export function changes(line: LogLine, lines: readonly LogLine[]): Change[] {
  const own = ownValue(changesOf, line.event)?.(line) ?? [];
  const peer = textOf(line, "peer");
  if (line.event === "redis-gone" && !lines.some(({ node }) => node === peer)) return [...own, ...down(peer, "silent")];
  if (line.event !== "step-done" || textOf(line, "step") !== "hand-over") return own;
  const plan = lines.findLast((one) => one.event === "decided" && one.node === line.node && one.at_ms <= line.at_ms);
  const from = plan && /^take the master role over from ([^:]+):/.exec(stepsOf(plan)[0] ?? "")?.[1];
  return from ? [...own, ...replica(from)] : own;
}
