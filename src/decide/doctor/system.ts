import { minor, older } from "../versions.ts";
import type { Check, Found } from "./check.ts";
import { ifKnown, known, onEachNode } from "./check.ts";
import { keepalivedVersionCheck } from "./keepalived-version.ts";

const clock_ms = 1000;

/** The system around: witnesses, disk, clock, versions. */
export const systemChecks: readonly Check[] = [
  {
    name: "witnesses",
    looksAt: "the `failover.witnesses` answer",
    page: "docs/cluster-file.md",
    find: ({ here, witnesses }) => {
      const silent = witnesses.filter(({ answers }) => !answers);
      const all = silent.length === witnesses.length;
      return silent.map(({ address }) => ({
        severity: all ? "danger" : "advice",
        on: here,
        what: `the witness ${address} does not answer ${here}`,
        why: all
          ? "A node that reaches no witness is cut off: it is unfit as soon as it does not see its peer."
          : "The other witnesses decide alone whether this node is cut off.",
        change: { where: "the cluster file, on all nodes", line: `failover.witnesses without "${address}"` },
      }));
    },
  },
  {
    name: "disk-space",
    looksAt: "the quarantine has room for a dump of the data set",
    page: "docs/quarantine.md",
    find: ({ here, host, nodes }) =>
      known(host.free, here, ({ folder, bytes }): Found[] => {
        const needed = Math.max(0, ...nodes.map(({ info }) => ifKnown(info)?.memory_bytes ?? 0));
        if (bytes >= needed) return [];
        return [
          {
            severity: "danger",
            on: here,
            what: `${bytes} bytes are free in ${folder}, a dump needs up to ${needed}`,
            why: "A data set that can't be kept is not overwritten: the node stays parked until there is room.",
            change: { where: `shell on ${here}`, line: `df -h ${folder}` },
          },
        ];
      }),
  },
  {
    name: "redis-version",
    looksAt: "Redis is 6.2 or newer, Valkey any, and the same version on all nodes",
    page: "docs/redis.md",
    find: (facts) => {
      const all = facts.nodes.flatMap(({ info }) => ifKnown(info) ?? []);
      return onEachNode(
        ({ info }) => info,
        ({ server, version }, { name }): Found[] => {
          const upgrade = { where: `shell on ${name}`, line: "apt install --only-upgrade redis-server" };
          if (server === "redis" && older(version, "6.2"))
            return [
              {
                severity: "danger",
                on: name,
                what: `${name} runs Redis ${version}`,
                why: "Before 6.2 there is no CLIENT PAUSE WRITE: a planned move can't hold writes.",
                change: upgrade,
              },
            ];
          const newer = all.find((one) => one.server === server && older(minor(version), minor(one.version)));
          if (!newer) return [];
          return [
            {
              severity: "danger",
              on: name,
              what: `${name} runs ${server} ${version}, another node ${newer.version}`,
              why: "An older server may not read the copy of a newer one: it can't be its replica.",
              change: upgrade,
            },
          ];
        },
      )(facts);
    },
  },
  keepalivedVersionCheck,
  {
    name: "clock",
    looksAt: "the clocks of the nodes differ by less than a second",
    page: "docs/doctor.md",
    find: onEachNode(
      ({ clock }) => clock,
      ({ ahead_ms, within_ms }, { name }, { here }) =>
        Math.abs(ahead_ms) < clock_ms + within_ms
          ? []
          : [
              {
                severity: "advice",
                on: name,
                what: `the clock of ${name} differs by ${Math.round(ahead_ms / 100) / 10} s from that of ${here}`,
                why: "The times in the logs of the nodes can't be compared. Keys expire at another time after a failover.",
                change: { where: `shell on ${name}`, line: "timedatectl set-ntp true" },
              },
            ],
    ),
  },
];
