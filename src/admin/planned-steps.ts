import { follow } from "../decide/facts.ts";
import { copiesFrom } from "../decide/situation.ts";
import type { Observation } from "../model/observation.ts";
import type { SeenPeer } from "../model/situation.ts";
import type { RecoveryContext } from "./context.ts";

/** What recover-master would do, for --dry-run. `seen`: the local Redis. */
export function plannedSteps(
  { node, failback, cluster }: Pick<RecoveryContext, "node" | "failback" | "cluster">,
  source: SeenPeer,
  seen: Observation,
): string[] {
  const { start_redis, start_keepalived } = cluster.commands;
  const runs = seen.kind === "observed";
  const here = { name: node.name, host: node.address, port: cluster.redis.port, holdsVip: false };
  const keeps =
    runs && follow({ node: { ...here, seen }, ours: seen }, source, "").some((step) => step.do === "quarantine");
  const first =
    !runs || keeps ? `keep the writes that only ${node.name} has${keeps ? "" : ", if there are any"}, ` : "";
  return [
    ...(runs ? [] : [`start Redis: ${start_redis.join(" ")}`]),
    runs && copiesFrom(seen, source)
      ? `nothing to overwrite: ${node.name} is a replica of ${source.name} already`
      : `${first}make ${node.name} a replica of ${source.name}, and wait until it has copied what it lacks`,
    "compare histories and the number of keys in every database",
    `start Keepalived unless it runs: ${start_keepalived.join(" ")}`,
    ...(failback ? [`move the virtual IP and the master role to ${node.name}, writes waiting meanwhile`] : []),
  ];
}
