import type { PlanRefusal } from "../model/plan.ts";
import type { SeenPeer, Situation } from "../model/situation.ts";
import { complete } from "./may-serve.ts";
import { copiesFrom, seenPeers } from "./situation.ts";

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

function observedNodes(situation: Situation): SeenPeer[] {
  const { seen, ...here } = situation.node;
  return [...(seen.kind === "observed" ? [{ ...here, seen }] : []), ...seenPeers(situation)];
}

const freshest = (replicas: SeenPeer[]): SeenPeer | undefined =>
  replicas.toSorted((a, b) => b.seen.history.offset - a.seen.history.offset)[0];
