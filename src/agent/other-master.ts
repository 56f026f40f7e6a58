import { peersOf } from "../cluster/local-node.ts";
import type { Node } from "../cluster/schema.ts";
import { keepsUp } from "../decide/situation.ts";
import type { Observed } from "../model/observation.ts";
import { observeOnce } from "../redis/observe.ts";
import { endpointOf } from "../redis/session.ts";
import type { Ground } from "./ground.ts";

/** Whether a peer's Redis says that it is a master. Not asked who copies from `ours`, as that one said a moment ago. */
export async function anotherMaster({ cluster, node, password, open }: Ground, ours?: Observed): Promise<boolean> {
  const deadline_ms = cluster.agent.timeout * 1000;
  const copies = ({ address }: Node) => ours?.replicas.some((one) => keepsUp(one) && one.host === address);
  const peers = peersOf(cluster, node)
    .filter((peer) => !copies(peer))
    .map((peer) => observeOnce(open, endpointOf(cluster, peer, password), deadline_ms));
  const seen = await Promise.all(peers);
  return seen.some((one) => one.kind === "observed" && one.role === "master" && !one.loading);
}
