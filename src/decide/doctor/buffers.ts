import type { NodeFacts, RedisFacts } from "../../model/doctor.ts";
import type { Check, Found } from "./check.ts";
import { ifKnown, inMegabytes, known, onEachNode, onEachSetting, redisConf } from "./check.ts";

const defaultBacklog_bytes = 1024 ** 2;
const shortAbsence_s = 60;
const veryShort_s = 10;
// A full copy over a network of 1 Gbit/s, the loading included, and never less than this.
const copied_bytes_per_s = 50e6;
const shortestCopy_s = 5;

/** Whether a partial resync or a full copy comes to its end. */
export const bufferChecks: readonly Check[] = [
  {
    name: "backlog-size",
    looksAt: "`repl-backlog-size` against the bytes that are written in a second",
    page: "docs/redis.md",
    measures: true,
    find: (facts) => {
      const rate = writeRate(facts.nodes);
      return onEachSetting("repl-backlog-size", (value, node) => backlogSize(Number(value), rate, node))(facts);
    },
  },
  {
    name: "backlog-ttl",
    looksAt: "`repl-backlog-ttl` is 0",
    page: "docs/redis.md",
    find: onEachSetting("repl-backlog-ttl", (value, node) => {
      if (value === "0") return [];
      const master = ifKnown(node.info)?.role === "master";
      return [
        {
          severity: master ? "danger" : "advice",
          on: node.name,
          what: `the Redis of ${node.name} frees its backlog ${value} s after its last replica left`,
          why: "It then begins a history that no snapshot has: after a restart it is not known as the newer one. A promotion sets it to 0.",
          change: redisConf(node, "repl-backlog-ttl 0"),
        },
      ];
    }),
  },
  {
    name: "output-buffer",
    looksAt: "`client-output-buffer-limit replica` against the data set and the bytes that are written in a second",
    page: "docs/redis.md",
    measures: true,
    find: (facts) => {
      const rate = writeRate(facts.nodes);
      return onEachNode(
        ({ info }) => info,
        (info, node) => known(node.settings, node.name, (settings) => outputBuffer(settings, info, rate, node)),
      )(facts);
    },
  },
  {
    name: "diskless-delay",
    looksAt: "`repl-diskless-sync-delay` is 0",
    page: "docs/redis.md",
    find: onEachSetting("repl-diskless-sync-delay", (value, node, { nodes }) =>
      value === "0" || nodes.length > 2
        ? []
        : [
            {
              severity: "advice",
              on: node.name,
              what: `the Redis of ${node.name} waits ${value} s before a full copy`,
              why: "It waits for more replicas, and there is one: each recovery takes that much longer.",
              change: redisConf(node, "repl-diskless-sync-delay 0"),
            },
          ],
    ),
  },
];

/** Replicas count the same stream, so the highest one is that of the master. */
const writeRate = (nodes: readonly NodeFacts[]): number =>
  Math.max(0, ...nodes.map(({ info }) => ifKnown(info)?.written_bytes_per_s ?? 0));

function backlogSize(size: number, rate: number, node: NodeFacts): Found[] {
  const lasts_s = Math.floor(size / rate);
  if (size > defaultBacklog_bytes && lasts_s >= shortAbsence_s) return [];
  const wanted = Math.max(64 * defaultBacklog_bytes, rate * shortAbsence_s);
  const measured = rate > 0 ? `, ${lasts_s} s of the ${Math.round(rate)} bytes written in a second` : "";
  return [
    {
      severity: lasts_s < veryShort_s ? "danger" : "advice",
      on: node.name,
      what: `the backlog of ${node.name} holds ${size} bytes${measured}`,
      why: "A replica that was away for longer needs a full copy. After a split, writes that it no longer holds can't be compared or applied.",
      change: redisConf(node, `repl-backlog-size ${inMegabytes(wanted)}`),
    },
  ];
}

/** CONFIG GET says `normal 0 0 0 slave 268435456 67108864 60 pubsub ...`: the limit, and the one that counts after some seconds. */
function outputBuffer(settings: Record<string, string>, info: RedisFacts, rate: number, node: NodeFacts): Found[] {
  const limits = /\b(?:slave|replica) (\d+) (\d+) (\d+)/.exec(settings["client-output-buffer-limit"] ?? "");
  if (!limits) return [];
  const [hard, soft, soft_s] = limits.slice(1).map(Number) as [number, number, number];
  const copy_s = Math.max(shortestCopy_s, info.memory_bytes / copied_bytes_per_s);
  const needed = rate * copy_s;
  // A limit below the size of the backlog has no effect (Redis 7.0 and newer).
  const backlog = Number(settings["repl-backlog-size"] ?? 0);
  const exceeds = (limit: number) => limit > 0 && needed > Math.max(limit, backlog);
  if (!exceeds(hard) && !(copy_s > soft_s && exceeds(soft))) return [];
  const wanted = inMegabytes(4 * needed);
  return [
    {
      severity: "danger",
      on: node.name,
      what: `clients write ${Math.round(needed)} bytes while ${node.name} is copied, and its output buffer for a replica is smaller`,
      why: "Redis breaks the copy off and the replica begins again, for ever: there is no replica in sync, and no failover.",
      change: redisConf(node, `client-output-buffer-limit replica ${wanted} ${wanted} 0`),
    },
  ];
}
