import type { PlanRefusal } from "../model/plan.ts";
import type { SeenPeer, Situation } from "../model/situation.ts";
import { complete } from "./may-serve.ts";
import { copiesFrom, seenPeers } from "./situation.ts";

/** Whether a planned change of master may begin, and to whom. */
export type Switchover =
  | { kind: "refused"; refusal: PlanRefusal }
  /** The wanted node is master already. */
  | { kind: "nothing-to-do"; master: string }
  | { kind: "go"; from: string; to: string };

// Replicas acknowledge once a second.
const mostLag_s = 3;

export function switchover(situation: Situation, wanted: string | undefined): Switchover {
  const nodes = everybody(situation);
  const [master, second] = nodes.filter(({ seen }) => seen.role === "master" && !seen.loading);
  if (!master) return refused("no node is master", "look at the log of the holder: it says why nobody was promoted");
  if (second) {
    return refused(
      `${master.name} and ${second.name} are both masters`,
      "run `recover-master` on the one that lacks the virtual IP first",
    );
  }
  if (wanted === master.name) return { kind: "nothing-to-do", master: master.name };
  const replicas = nodes.filter(({ seen }) => copiesFrom(seen, master));
  const to = wanted === undefined ? freshest(replicas) : nodes.find(({ name }) => name === wanted);
  if (!to) {
    const silent = situation.peers.find(({ name }) => name === wanted)?.seen;
    return refused(
      wanted === undefined ? `${master.name} has no replica` : `${wanted} can't be reached`,
      silent && silent.kind !== "observed" ? silent.detail : "bring the other node back first: `recover-master` there",
    );
  }
  if (!copiesFrom(to.seen, master) || to.seen.source?.link !== "up" || !complete(to.seen)) {
    return refused(
      `${to.name} is not in sync with ${master.name}`,
      `\`recover-master\` on ${to.name} brings it in sync`,
    );
  }
  const lag = master.seen.replicas.find(({ host }) => host === to.host)?.lag_s ?? 0;
  if (lag > mostLag_s) {
    return refused(
      `${to.name} last acknowledged ${lag} s ago`,
      "wait until it has caught up, or find out what slows it down",
    );
  }
  return { kind: "go", from: master.name, to: to.name };
}

const refused = (cause: string, remedy: string): Switchover => ({ kind: "refused", refusal: { cause, remedy } });

function everybody(situation: Situation): SeenPeer[] {
  const { seen, ...here } = situation.node;
  return [...(seen.kind === "observed" ? [{ ...here, seen }] : []), ...seenPeers(situation)];
}

const freshest = (replicas: SeenPeer[]): SeenPeer | undefined =>
  replicas.toSorted((a, b) => b.seen.history.offset - a.seen.history.offset)[0];
