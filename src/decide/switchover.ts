import type { PlanRefusal } from "../model/plan.ts";
import type { SeenPeer, Situation } from "../model/situation.ts";
import type { Verdict } from "../model/verdict.ts";
import { complete } from "./may-serve.ts";
import { copiesFrom, observedNodes } from "./situation.ts";

/** The decision of `switchover`: whether the planned change of master may start, and which node becomes master. */
export type Switchover =
  | { kind: "refused"; refusal: PlanRefusal }
  /** The requested node is master already. */
  | { kind: "nothing-to-do"; master: string }
  | { kind: "go"; from: string; to: string };

// Replicas acknowledge once a second.
const maxLag_s = 3;

export function switchover(situation: Situation, wanted: string | undefined): Switchover {
  const nodes = observedNodes(situation);
  const [master, second] = nodes.filter(({ seen }) => seen.role === "master" && !seen.loading);
  if (!master) return refused("no node is master", "read the log of the holder: it says why no node was promoted");
  if (second) {
    return refused(
      `${master.name} and ${second.name} are both masters`,
      "first run `recover-master` on the one that does not have the virtual IP",
    );
  }
  if (wanted === master.name) return { kind: "nothing-to-do", master: master.name };
  const replicas = nodes.filter(({ seen }) => copiesFrom(seen, master));
  const to = wanted === undefined ? freshest(replicas) : nodes.find(({ name }) => name === wanted);
  if (!to) {
    const silent = situation.peers.find(({ name }) => name === wanted)?.seen;
    return refused(
      wanted === undefined ? `${master.name} has no replica` : `${wanted} can't be reached`,
      silent && silent.kind !== "observed" ? silent.detail : "first run `recover-master` on the other node",
    );
  }
  if (!copiesFrom(to.seen, master) || to.seen.source?.link !== "up" || !complete(to.seen)) {
    return refused(`${to.name} is not in sync with ${master.name}`, `run \`recover-master\` on ${to.name}`);
  }
  const lag = master.seen.replicas.find(({ host }) => host === to.host)?.lag_s ?? 0;
  if (lag > maxLag_s) {
    return refused(
      `${to.name} last acknowledged ${lag} s ago`,
      "wait until it has caught up, or find out why it is slow",
    );
  }
  return { kind: "go", from: master.name, to: to.name };
}

const refused = (cause: string, remedy: string): Switchover => ({ kind: "refused", refusal: { cause, remedy } });

const freshest = (replicas: SeenPeer[]): SeenPeer | undefined =>
  replicas.toSorted((a, b) => b.seen.history.offset - a.seen.history.offset)[0];

/** What says whether the target's Keepalived would take the virtual IP. */
export interface TargetFacts {
  name: string;
  /** Seconds for which the target has been connected to the master; undefined where the master doesn't say. */
  follows_s: number | undefined;
  /** What only the target's own host knows; undefined on any other. */
  local: { keepalivedRuns: boolean; verdict: Verdict | undefined } | undefined;
  /** `monitor.interval`. */
  checked_s: number;
  /** By how many seconds of the master's writes the target is behind; undefined while that is not known. */
  behind_s: number | undefined;
  /** `failover.handover_timeout`. */
  handover_s: number;
}

interface ReadinessRow {
  when: string;
  fits(target: TargetFacts): boolean;
  readiness: (
    target: TargetFacts,
  ) => { is: "ready" } | { is: "wait"; for: string } | { is: "refused"; refusal: PlanRefusal };
}

// A check takes its time, and Keepalived to act on it.
const settling_s = 1;

/**
 * A node that gave the virtual IP away a moment ago is in FAULT until its next check: asked at once, the other one would give the
 * address to nobody (1.3 s of outage in the hooks profile, measured).
 */
export const readinessTable: readonly ReadinessRow[] = [
  {
    when: "the target is this node, and Keepalived doesn't run here: refuse",
    fits: ({ local }) => local?.keepalivedRuns === false,
    readiness: ({ name }) => ({
      is: "refused",
      refusal: {
        cause: `Keepalived does not run on ${name}, so it can't take the virtual IP`,
        remedy: `start it; \`recover-master\` on ${name} does so`,
      },
    }),
  },
  {
    when: "the target is this node, and its last health check found it unfit: wait",
    fits: ({ local }) => local?.verdict?.healthy === false,
    readiness: ({ name, local }) => ({
      is: "wait",
      for: `the health check to find ${name} fit again (${local?.verdict?.cause}: ${local?.verdict?.detail})`,
    }),
  },
  {
    when: "the target has followed the master for less than a check and a second: wait",
    fits: ({ follows_s, checked_s }) => follows_s !== undefined && follows_s < checked_s + settling_s,
    readiness: ({ name }) => ({ is: "wait", for: `Keepalived on ${name} to be ready to take the virtual IP` }),
  },
  {
    // `INFO` calls it in sync. Clients had no master for 5.7 s while three hand-overs waited for a replica that was 80 MB behind (measured).
    when: "the target is behind the master by more than half of `failover.handover_timeout`, or by how much is not known yet: wait",
    fits: ({ behind_s, handover_s }) => behind_s === undefined || behind_s > handover_s / 2,
    readiness: ({ name }) => ({ is: "wait", for: `${name} to catch up with the writes of its master` }),
  },
  { when: "ready", fits: () => true, readiness: () => ({ is: "ready" }) },
];

export const readiness = (target: TargetFacts): ReturnType<ReadinessRow["readiness"]> =>
  (readinessTable.find(({ fits }) => fits(target)) as ReadinessRow).readiness(target);

/** Where the master was at a time. */
export interface Passed {
  at_s: number;
  offset: number;
}

/** The time since the master was where the replica is now; undefined if it was there before the first of these readings. */
export function secondsBehind(passed: readonly Passed[], replicaOffset: number, now_s: number): number | undefined {
  const reached = passed.findLast(({ offset }) => offset <= replicaOffset);
  return reached && now_s - reached.at_s;
}
