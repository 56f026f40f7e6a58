import { keepsUp } from "../decide/situation.ts";
import { fenceOf } from "../decide/status/redis-data.ts";
import type { Metric, MetricsFacts, Sample } from "../model/metrics.ts";
import type { ConnectedReplica, Observed } from "../model/observation.ts";
import { oneOf, yes } from "./host-metrics.ts";

/** While the local Redis answers. */
const seen =
  (samples: (redis: Observed, facts: MetricsFacts) => Sample[]) =>
  (facts: MetricsFacts): Sample[] =>
    facts.redis?.seen.kind === "observed" ? samples(facts.redis.seen, facts) : [];

/** The replicas of the local master that are nodes of this cluster. */
const eachReplica = (value: (replica: ConnectedReplica, master: Observed) => number) =>
  seen((redis, { peers, port }) =>
    redis.role === "replica"
      ? []
      : peers.flatMap(({ name, address }) => {
          const replica = redis.replicas.find((one) => one.host === address && one.port === port);
          return replica ? [{ labels: { replica: name }, value: value(replica, redis) }] : [];
        }),
  );

const writes = ({ redis }: MetricsFacts): Sample[] => {
  const fence = redis?.seen.kind === "observed" ? fenceOf(redis, redis.seen).value : null;
  return fence ? oneOf("state", ["accepted", "held", "refused"], fence.writes) : [];
};

/** What the local Redis says of itself, and which peers answer. */
export const redisMetrics: readonly Metric[] = [
  {
    name: "redis_up",
    help: "1 while the local Redis answers and accepts our login",
    type: "gauge",
    samples: ({ redis }) => (redis ? yes(redis.seen.kind === "observed") : []),
  },
  {
    name: "master",
    help: "1 while the local Redis is a master, 0 while it is a replica",
    type: "gauge",
    samples: seen(({ role }) => yes(role === "master")),
  },
  {
    name: "writes",
    help: "1 for what a master does with writes, else 0: held (CLIENT PAUSE; Redis 7.0 does not tell) or refused (too few replicas, or a save failed)",
    type: "gauge",
    labels: ["state"],
    samples: writes,
  },
  {
    name: "keys",
    help: "Keys in all databases of the local Redis",
    type: "gauge",
    samples: seen(({ keys }) => [{ value: keys }]),
  },
  {
    name: "replication_offset_bytes",
    help: "Replication offset of the local Redis",
    type: "gauge",
    samples: seen(({ history }) => [{ value: history.offset }]),
  },
  {
    name: "master_link_up",
    help: "Replicas: 1 while the link to the master is up",
    type: "gauge",
    samples: seen(({ source }) => (source ? yes(source.link === "up") : [])),
  },
  {
    name: "replicas_in_sync",
    help: "Masters: replicas that are online and have acknowledged within 2 s",
    type: "gauge",
    samples: seen(({ role, replicas }) => (role === "master" ? [{ value: replicas.filter(keepsUp).length }] : [])),
  },
  {
    name: "replica_lag_bytes",
    help: "Masters: bytes that this replica has not acknowledged",
    type: "gauge",
    labels: ["replica"],
    samples: eachReplica(({ offset }, { history }) => Math.max(0, history.offset - offset)),
  },
  {
    name: "replica_lag_seconds",
    help: "Masters: time since this replica has acknowledged; it does so once a second",
    type: "gauge",
    labels: ["replica"],
    samples: eachReplica(({ lag_s }) => lag_s),
  },
  {
    name: "peer_up",
    help: "1 while the Redis of this peer answers this host",
    type: "gauge",
    labels: ["peer"],
    samples: ({ peers }) => peers.map(({ name, answers }) => ({ labels: { peer: name }, value: Number(answers) })),
  },
];
