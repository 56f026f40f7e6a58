import { setTimeout as sleep } from "node:timers/promises";
import type { Node } from "../cluster/schema.ts";
import { copiesFrom } from "../decide/situation.ts";
import type { Observation } from "../model/observation.ts";
import { park } from "../redis/commands.ts";
import { observeOnce } from "../redis/observe.ts";
import { endpointOf, type Session } from "../redis/session.ts";
import type { Ground } from "./ground.ts";

const betweenLooks_ms = 5;

/** Reads this node's own Redis over the link. Rejects when there is none. */
async function own({ cluster, node, password, open }: Ground): Promise<{ session: Session; seen: Observation }> {
  const deadline_ms = cluster.agent.timeout * 1000;
  const session = await open(endpointOf(cluster, node, password), deadline_ms);
  return { session, seen: await observeOnce(async () => session, session.endpoint, deadline_ms) };
}

/**
 * Parks our replica of a node that we lost, before that one can come back with nothing and be copied. Its history decides
 * whether it is followed again. A copy that goes on is left alone: where only our own connection broke (CLIENT KILL) the
 * master lives, and a full copy that is broken off begins anew, for ever where each one stalls the master. Whether it was parked.
 */
export async function parkReplicaOf(
  peer: Node,
  lost: "connection" | "server",
  ground: Ground,
  stillDue: () => boolean,
): Promise<boolean> {
  const { session, seen } = await own(ground);
  const follows = seen.kind === "observed" && copiesFrom(seen, { host: peer.address, port: ground.cluster.redis.port });
  if (!follows || !stillDue() || seen.source?.syncing) return false;
  // It has the same connection to lose, and had it a moment ago.
  if (lost === "connection" && seen.source?.link === "up") return false;
  await park(session);
  ground.log.info(`lost ${peer.name}: parked`, { step: "park", offset: seen.history.offset });
  return true;
}

/**
 * The process of a Redis that answers again; one that was restarted as a master is parked before it takes a write. While it
 * loads it can't be, and takes none either: then it is parked at the end of that, unless somebody compares histories by then.
 */
export async function parkRestarted(
  runId: string | undefined,
  ground: Ground,
  { loading, comparing }: { loading: () => void; comparing: () => boolean },
): Promise<string | undefined> {
  let { session, seen } = await own(ground);
  if (seen.kind !== "observed") return runId;
  const restarted = runId !== undefined && seen.runId !== runId && seen.role === "master";
  const { runId: now } = seen;
  if (!restarted) return now;
  for (let told = false; seen.kind === "observed" && seen.loading; { session, seen } = await own(ground)) {
    if (comparing()) return now;
    if (!told) loading();
    told = true;
    await sleep(betweenLooks_ms);
  }
  if (seen.kind !== "observed" || seen.role !== "master") return now;
  await park(session);
  ground.log.warn("our Redis was restarted as a master: parked until histories are compared", { keys: seen.keys });
  return now;
}
