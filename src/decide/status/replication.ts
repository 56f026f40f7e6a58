import type { Finding, LinkStatus, NodeStatus } from "../../model/status.ts";
import {
  absent,
  at,
  type FindingRow,
  hostAnswers,
  justNow,
  lookAt,
  ours,
  redisCli,
  type StatusFacts,
  watch,
} from "./facts.ts";

/** The replicas, while there is a master. */
export const replicationRows: readonly FindingRow[] = [
  {
    when: "the master refuses writes, or holds them back: critical (`writes-refused`), warning (`writes-held`)",
    find: (facts) => facts.masters.flatMap((node) => fenced(facts, node)),
  },
  {
    when: "nobody listens at the Redis of a node, while another is master: warning (`redis-down`)",
    find: (facts) =>
      withMaster(facts)
        .filter(({ redis }) => redis.value?.state === "refused")
        .map((node) => ({
          ...{ severity: "warning", cause: "redis-down" },
          text: `the Redis of ${node.name} is down: nobody listens at ${node.address}:${facts.settings.port}`,
          ...{ command: ours(facts, "recover-master"), ...at(node) },
        })),
  },
  {
    when: "a node was not seen: warning (`not-seen`)",
    find: (facts) =>
      facts.nodes.flatMap((node) => (node.redis.value === null ? [notSeen(facts, node, node.redis.unknown)] : [])),
  },
  {
    when: "a replica copies the whole data set: warning (`copying`)",
    find: (facts) =>
      withMaster(facts).flatMap(({ name, link }) =>
        link.value?.state === "copying" ? [copying(facts, name, link.value)] : [],
      ),
  },
  {
    when: "a replica is parked, its link is down, or it copies from another node than the holder: warning (`not-replicating`)",
    find: (facts) => withMaster(facts).flatMap((node) => notReplicating(facts, node)),
  },
  {
    when: "a replica lacks more than `failover.max_missing_bytes`, or has not acknowledged for `failover.max_missing_seconds`: warning (`lag`)",
    find: (facts) => facts.nodes.flatMap((node) => lagging(facts, node)),
  },
];

const withMaster = ({ masters, nodes }: StatusFacts): NodeStatus[] => (masters.length > 0 ? nodes : []);

function fenced(facts: StatusFacts, node: NodeStatus): Finding[] {
  const fence = node.fence.value;
  if (!fence || fence.writes === "accepted") return [];
  const text = `${node.name} ${fence.writes === "held" ? "holds writes back" : "refuses writes"}: ${fence.why}`;
  if (fence.writes === "held") return [{ severity: "warning", cause: "writes-held", text, command: watch(facts) }];
  const section = fence.why.startsWith("MISCONF") ? "persistence" : "replication";
  return [{ severity: "critical", cause: "writes-refused", text, command: redisCli(facts, node, `INFO ${section}`) }];
}

const copying = (facts: StatusFacts, name: string, { of, percent }: LinkStatus): Finding => ({
  ...{ severity: "warning", cause: "copying", command: watch(facts) },
  text: `${name} copies the data set of ${of}${percent === null ? "" : `, ${percent} % are there`}`,
});

function notSeen(facts: StatusFacts, node: NodeStatus, why: string): Finding {
  const severity = node.holder.value === true ? "critical" : "warning";
  const text = node.here
    ? `the local Redis does not answer: ${why}`
    : hostAnswers(node)
      ? `the Redis of ${node.name} does not answer (${why}), though its host does`
      : `${node.name} was not seen (${why}): it is down, or the network between is cut and it may be master, too`;
  return { severity, cause: "not-seen", text, command: lookAt(facts, node) };
}

function notReplicating(facts: StatusFacts, node: NodeStatus): Finding[] {
  const { link, wanted, name } = node;
  if (link.value === null || link.value.state === "copying" || absent(node)) return [];
  const { state, of } = link.value;
  const source = wanted.value?.of;
  const what =
    state === "parked"
      ? "is parked: it follows nobody"
      : state === "down"
        ? `does not get writes: its link to ${of} is down`
        : source && source !== of
          ? `copies from ${of}, not from ${source}`
          : undefined;
  if (what === undefined) return [];
  const next = justNow(facts) ? { command: watch(facts) } : { command: ours(facts, "recover-master"), ...at(node) };
  return [{ severity: "warning", cause: "not-replicating", text: `${name} ${what}`, ...next }];
}

function lagging(facts: StatusFacts, { name, lag, link }: NodeStatus): Finding[] {
  const { maxMissing } = facts.settings;
  if (link.value?.state !== "up" || lag.value === null) return [];
  const { bytes, seconds } = lag.value;
  if (bytes <= maxMissing.bytes && (seconds ?? 0) <= maxMissing.seconds) return [];
  const text = `${name} is ${bytes} bytes behind, acknowledged ${seconds ?? "some"} s ago: a failover would be refused`;
  return [{ severity: "warning", cause: "lag", text, command: watch(facts) }];
}
