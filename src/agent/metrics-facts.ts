import type { NodeContext } from "../cluster/context.ts";
import { peersOf } from "../cluster/local-node.ts";
import type { MetricsFacts } from "../model/metrics.ts";
import { endpointOf, type OpenSession } from "../redis/session.ts";
import { writesHeld } from "../redis/writes-held.ts";
import { hostReport } from "../state/host-report.ts";
import { version } from "../system/version.ts";
import { within } from "../system/within.ts";
import type { Status } from "./http.ts";

const answer_ms = 400;

/** What the metrics of one cluster are made of: what the agent knows, and what host and local Redis say now. Never rejects. */
export async function metricsFacts(context: NodeContext, status: Status, open: OpenSession): Promise<MetricsFacts> {
  const { cluster, node, password } = context;
  const { redis, peers } = status;
  const ask = async () => {
    const session = await open(endpointOf(cluster, node, password), answer_ms);
    return writesHeld(session).finally(() => session.close());
  };
  const held =
    redis?.kind === "observed"
      ? await within(
          answer_ms,
          ask().catch(() => ({})),
          {},
        )
      : {};
  const answers = new Map(peers.map((peer) => [peer.name, peer.answers]));
  return {
    ...{ cluster: cluster.name, node: node.name, version, port: cluster.redis.port },
    host: hostReport(context),
    redis: redis && { seen: redis, ...held },
    peers: peersOf(cluster, node).map(({ name, address }) => ({ name, address, answers: answers.get(name) === true })),
  };
}
