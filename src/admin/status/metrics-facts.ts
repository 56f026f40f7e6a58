import type { MetricsFacts } from "../../model/metrics.ts";
import type { Gathered } from "../../model/status.ts";
import { version } from "../../system/version.ts";

/** What the metrics of this node are made of, from what `status` has gathered. */
export function metricsFactsOf({ cluster, from, nodes, settings }: Gathered): MetricsFacts {
  const here = nodes.find((node) => node.here);
  if (!here?.host.report) throw new Error(`${from} was not read`);
  return {
    ...{ cluster, node: from, version, port: settings.port, host: here.host.report, redis: here.redis },
    peers: nodes
      .filter((node) => node !== here)
      .map(({ name, address, redis }) => ({ name, address, answers: redis.seen.kind !== "unreachable" })),
  };
}
