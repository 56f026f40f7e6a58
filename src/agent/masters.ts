import { peersOf } from "../cluster/local-node.ts";
import { observe } from "../redis/observe.ts";
import { endpointOf } from "../redis/session.ts";
import type { Ground } from "./ground.ts";

/** Whether a peer's Redis says that it is a master. */
export async function anotherMaster({ cluster, node, password, open }: Ground): Promise<boolean> {
  const deadline_ms = cluster.agent.timeout * 1000;
  const peers = peersOf(cluster, node).map((peer) => observe(open, endpointOf(cluster, peer, password), deadline_ms));
  const seen = await Promise.all(peers);
  return seen.some((one) => one.kind === "observed" && one.role === "master" && !one.loading);
}
