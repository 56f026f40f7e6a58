import type { ClockDifference, LogLine } from "../../model/timeline.ts";
import { textOf } from "./log-lines.ts";

// A larger one would be found, but the events of two incidents may be taken for one.
const largest_ms = 15 * 60_000;
// Both nodes log such an event within this time (measured in the lab: mostly 5 to 50 ms, 350 ms where a host was cut off).
const together_ms = 500;
// Clocks drift, and every event of one node is compared with every one of the other.
const newest = 40;

/** An event that both nodes see at about the same moment. */
interface Shared {
  node: string;
  what: string;
  at_ms: number;
}

/** A server that is gone, refused or without answer, is so to both. One node takes the role when Keepalived takes it from the other. */
function sharedBy(line: LogLine): Shared[] {
  const { node, at_ms, event } = line;
  if (event === "redis-gone")
    return [{ node, at_ms, what: `gone ${textOf(line, "peer")} ${line.message.split(": ").at(-1)}` }];
  const step = textOf(line, "step");
  const takes = event === "step-done" && (step === "hand-over" || (step === "promote" && textOf(line, "at") === node));
  const gives = event === "decided" && ["FAULT", "STOP"].includes(textOf(line, "transition"));
  return takes || gives ? [{ node, at_ms, what: takes ? "takes" : "gives" }] : [];
}

const pairs: Readonly<Record<string, string>> = { takes: "gives", gives: "takes" };

/** Two lines, one of each node, that may be about one event. `at_ms`: the first node's; `other_ms`: the other's. */
interface Pair {
  ms: number;
  kind: string;
  at_ms: number;
  other_ms: number;
}

/** How far each clock is ahead of the first node's: the difference that makes most of what both saw fall together. */
export function clockDifferences(lines: readonly LogLine[], nodes: readonly string[]): ClockDifference[] {
  const [first = "", ...others] = nodes;
  const shared = lines.flatMap(sharedBy);
  const seenBy = (name: string) => shared.filter(({ node }) => node === name).slice(-newest);
  const ours = seenBy(first);
  return others.map((node) => {
    const theirs = seenBy(node);
    const found = ours.flatMap(({ what, at_ms }) =>
      theirs
        .filter((one) => one.what === (pairs[what] ?? what))
        .map((one) => ({ ms: one.at_ms - at_ms, kind: what in pairs ? "role" : what, at_ms, other_ms: one.at_ms }))
        .filter(({ ms }) => Math.abs(ms) <= largest_ms),
    );
    return { node, than: first, ...mostAgreed(found) };
  });
}

function mostAgreed(found: readonly Pair[]): Omit<ClockDifference, "node" | "than"> {
  const groups = found.map(({ ms: center }) => found.filter(({ ms }) => Math.abs(ms - center) <= together_ms / 2));
  const [best = []] = groups.sort((a, b) => eventsIn(b) - eventsIn(a) || Math.abs(middle(a)) - Math.abs(middle(b)));
  const from = eventsIn(best);
  // One or two of a kind may fall together by chance: a node that was cut off enters FAULT long before the other takes the role.
  const chance = from < 3 && new Set(best.map(({ kind }) => kind)).size < 2;
  if (chance) return { ahead_ms: null, precision_ms: null, from: 0 };
  const ahead_ms = middle(best);
  const spread = Math.max(...best.map(({ ms }) => Math.abs(ms - ahead_ms)));
  const precision_ms = from < 3 ? together_ms : Math.max(100, Math.ceil(spread / 100) * 100);
  return { ahead_ms, precision_ms, from };
}

// A node that boots enters FAULT several times: that all go with one promotion of the other is one event.
const eventsIn = (group: readonly Pair[]): number =>
  Math.min(new Set(group.map(({ at_ms }) => at_ms)).size, new Set(group.map(({ other_ms }) => other_ms)).size);

const middle = (group: readonly Pair[]): number =>
  group.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(group.length / 2)] ?? 0;

/** The lines by the clock of the first node. A difference that may be none is not corrected. */
export function corrected(lines: readonly LogLine[], clocks: readonly ClockDifference[]): LogLine[] {
  const ahead = new Map(clocks.map((one) => [one.node, matters(one) ? (one.ahead_ms ?? 0) : 0]));
  return lines.map((line) => ({ ...line, at_ms: line.at_ms - (ahead.get(line.node) ?? 0) }));
}

const matters = ({ ahead_ms, precision_ms }: ClockDifference): boolean => Math.abs(ahead_ms ?? 0) > (precision_ms ?? 0);
