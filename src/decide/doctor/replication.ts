import type { Check } from "./check.ts";
import { known, onEachNode, onEachSetting, redisConf } from "./check.ts";

const parked = "127.0.0.1 1";

/** Whether a replica can follow, and a restart keeps the data. */
export const replicationChecks: readonly Check[] = [
  {
    name: "replicaof",
    looksAt: "redis.conf of this host has `replicaof 127.0.0.1 1`",
    page: "docs/redis.md",
    find: ({ here, host }) =>
      known(host.redisConf, here, ({ file, replicaof }) =>
        replicaof === parked
          ? []
          : [
              {
                severity: "danger",
                on: here,
                what: replicaof === undefined ? `${file} has no replicaof line` : `${file} says replicaof ${replicaof}`,
                why:
                  replicaof === undefined
                    ? "A master that restarts empty is a master at once, and its replica copies the emptiness: all data are gone."
                    : "At its start the server overwrites its data at once, also writes that only it has.",
                change: { where: file, line: `replicaof ${parked}` },
              },
            ],
      ),
  },
  {
    name: "read-only",
    looksAt: "`replica-read-only` is on",
    page: "docs/redis.md",
    find: onEachSetting("replica-read-only", (value, node) =>
      value !== "no"
        ? []
        : [
            {
              severity: "danger",
              on: node.name,
              what: `the Redis of ${node.name} accepts writes while it is a replica`,
              why: "These writes are on one node only, and no history shows them: they are lost unseen.",
              change: redisConf(node, "replica-read-only yes"),
            },
          ],
    ),
  },
  {
    name: "replica-priority",
    looksAt: "`replica-priority` is not 0",
    page: "docs/redis.md",
    find: onEachSetting("replica-priority", (value, node) =>
      value !== "0"
        ? []
        : [
            {
              severity: "advice",
              on: node.name,
              what: `the Redis of ${node.name} has replica-priority 0`,
              why: "To Sentinel it means: never promote this one. Here it has no effect, and this node is promoted.",
              change: redisConf(node, "replica-priority 100"),
            },
          ],
    ),
  },
  {
    name: "announce-ip",
    looksAt: "`replica-announce-ip` is not set to an address that the cluster file does not have",
    page: "docs/redis.md",
    find: onEachSetting("replica-announce-ip", (value, node) =>
      value === "" || value === node.address
        ? []
        : [
            {
              severity: "danger",
              on: node.name,
              what: `the Redis of ${node.name} announces itself as ${value}, the cluster file says ${node.address}`,
              why: "The master's list of replicas then has an address of no node: a replica in sync is not recognized.",
              change: redisConf(node, `replica-announce-ip ${node.address}`),
            },
          ],
    ),
  },
  {
    name: "maxmemory",
    looksAt: "`maxmemory` and `maxmemory-policy` are the same on all nodes",
    page: "docs/redis.md",
    find: ({ nodes: [first, ...others] }) =>
      first === undefined
        ? []
        : others.flatMap((other) =>
            known(first.settings, first.name, (ours) =>
              known(other.settings, other.name, (theirs) =>
                ["maxmemory", "maxmemory-policy"]
                  .filter((name) => ours[name] !== theirs[name])
                  .map((name) => ({
                    severity: "danger",
                    on: other.name,
                    what: `${name} is ${ours[name]} on ${first.name} and ${theirs[name]} on ${other.name}`,
                    why: "After a failover the new master refuses writes that the old one took, or evicts other keys.",
                    change: redisConf(other, `${name} ${ours[name]}`),
                  })),
              ),
            ),
          ),
  },
  {
    name: "lazy-free",
    looksAt: "Redis frees large keys in the background",
    page: "docs/redis.md",
    find: onEachNode(
      ({ settings }) => settings,
      (settings, node) =>
        ["lazyfree-lazy-user-del", "lazyfree-lazy-user-flush", "replica-lazy-flush"]
          .filter((name) => settings[name] === "no")
          .map((name) => ({
            severity: "advice",
            on: node.name,
            what: `the Redis of ${node.name} has ${name} no`,
            why: "A Redis that frees a large key for longer than monitor.timeout counts as hung, and the role moves.",
            change: redisConf(node, `${name} yes`),
          })),
    ),
  },
];
