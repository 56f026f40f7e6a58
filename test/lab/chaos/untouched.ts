import type { Interval } from "../watch/intervals.ts";
import type { Kind } from "./plan.ts";
import type { RedisRun } from "./redis-runs.ts";

/** A fault: which node it was for, and when it began. */
export interface Touch {
  at_ms: number;
  kind: Kind;
  server: string;
}

/**
 * These are for both nodes, or for what the other one has of the data: a cut link, a move that waits, a script whose writes may be more
 * than `max_missing_bytes`. After the others the node that they are not for can serve.
 */
const forAll: readonly Kind[] = [
  "cut-link",
  "cut-link-one-way",
  "slow-network",
  "slow-link",
  "write-script",
  "cold-start",
  "crash-last-node",
  "planned-move",
  "drain",
];

/** These are no reason that the master should not go on. */
const forNone: readonly Kind[] = ["block-vrrp", "block-vrrp-one-way", "cut-from-client", "expire-keys"];

/**
 * The time before the repair in which a node must be able to serve: until the first fault that is for it, and not once it has begun to
 * copy, since it has no data then. What comes later in the round is not judged, because a fault that has ended may still have its effect.
 */
export function untouched(
  server: string,
  touches: readonly Touch[],
  runs: readonly RedisRun[],
  before: Interval,
): Interval[] {
  const ofFaults = touches
    .filter(({ kind, server: target }) => forAll.includes(kind) || (target === server && !forNone.includes(kind)))
    .map(({ at_ms }) => at_ms);
  const copies = runs
    .filter((run) => run.server === server)
    .flatMap(({ samples }) => samples.filter(({ copies, asked_ms }) => copies && asked_ms >= before.start_ms))
    .map(({ asked_ms }) => asked_ms);
  const end_ms = [...ofFaults, ...copies].reduce((one, other) => Math.min(one, other), before.end_ms);
  return end_ms > before.start_ms ? [{ start_ms: before.start_ms, end_ms }] : [];
}
