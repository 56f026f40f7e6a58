import type { PlanRefusal } from "../model/plan.ts";
import type { SeenPeer, Situation } from "../model/situation.ts";
import { remedies } from "./facts.ts";
import { otherMasters, seenPeers } from "./situation.ts";

/** The decision of `recover-master`, made before it changes anything. */
export type Recovery =
  | { kind: "refused"; refusal: PlanRefusal }
  /** This node is the master already. */
  | { kind: "master-here" }
  | { kind: "recover"; source: SeenPeer; startRedis: boolean };

export function recovery(situation: Situation): Recovery {
  const { node, peers } = situation;
  const refused = (cause: string, remedy: string): Recovery => ({ kind: "refused", refusal: { cause, remedy } });
  const { seen } = node;
  if (seen.kind === "rejected") {
    return refused(
      `the local Redis of ${node.name} rejects our login or our commands: ${seen.detail}`,
      seen.why === "password"
        ? "make requirepass (or the user's password) and the file of redis.password_file the same on all nodes"
        : remedies[seen.why],
    );
  }
  const [source, second] = otherMasters(situation);
  if (seen.kind === "observed" && seen.role === "master" && !source) {
    if (node.holdsVip || seenPeers(situation).length > 0) return { kind: "master-here" };
  }
  if (source && second) {
    return refused(
      `${source.name} and ${second.name} are both masters, so it is not clear which one to copy from`,
      "first run `recover-master` on the one that does not have the virtual IP",
    );
  }
  if (source) return { kind: "recover", source, startRedis: seen.kind === "unreachable" };
  const loading = seenPeers(situation).find((peer) => peer.seen.loading);
  if (loading)
    return refused(`${loading.name} is still loading its data set`, "run this command again when it has loaded");
  const replicas = seenPeers(situation);
  if (replicas.length > 0) {
    return refused(
      `${replicas.map(({ name }) => name).join(", ")} answers, but no node is master`,
      "read its log, which says why it was not promoted; then run this command again",
    );
  }
  for (const { name, seen } of peers) {
    if (seen.kind !== "rejected") continue;
    return refused(
      `${name} rejects our login or our commands: ${seen.detail}`,
      seen.why === "password"
        ? "the password must be the same on all nodes: compare the files that redis.password_file names"
        : `on ${name}: ${remedies[seen.why]}`,
    );
  }
  return refused(
    `no peer answers (${peers.map(({ name, seen }) => `${name}: ${seen.kind === "observed" ? "" : seen.detail}`).join("; ")})`,
    "a master is needed to copy from: start Redis on a peer, or check the network and redis.port",
  );
}
