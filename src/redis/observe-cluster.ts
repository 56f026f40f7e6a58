import type { Node } from "../cluster/schema.ts";
import type { Situation } from "../decide/situation.ts";
import { failure, type Observation, observeSession } from "./observe.ts";
import { endpointOf } from "./session.ts";
import type { Run, Sessions } from "../failover/sessions.ts";
import { anyAnswers } from "../system/reachable.ts";

/** Reads every node's Redis at the same time; each answers within its patience or counts as silent. */
export async function look(run: Run, sessions: Sessions, holdsVip: boolean): Promise<Situation> {
  const { cluster, node } = run;
  const seen = await Promise.all(cluster.nodes.map((one) => see(run, sessions, one)));
  const all = cluster.nodes.map((one, index) => ({
    name: one.name,
    host: one.address,
    port: cluster.redis.port,
    seen: seen[index] as Observation,
  }));
  const { witnesses } = cluster.failover;
  const isHere = ({ name }: { name: string }) => name === node.name;
  const here = all.find(isHere);
  const peerAnswers = all.some((one) => !isHere(one) && one.seen.kind !== "unreachable");
  if (!here) throw new Error(`${node.name} is not in the cluster file`);
  return {
    node: { ...here, holdsVip },
    peers: all.filter((one) => !isHere(one)),
    isolated: witnesses.length > 0 && !peerAnswers && !(await anyAnswers(witnesses, cluster.monitor.timeout * 1000)),
    persistence: cluster.redis.persistence,
    allowDataLoss: run.allowDataLoss,
  };
}

async function see(run: Run, sessions: Sessions, node: Node): Promise<Observation> {
  try {
    const seen = await observeSession(await sessions.of(node.name));
    if (seen.kind === "unreachable") sessions.drop(node.name);
    return seen;
  } catch (error) {
    return failure(endpointOf(run.cluster, node, run.password), error);
  }
}
