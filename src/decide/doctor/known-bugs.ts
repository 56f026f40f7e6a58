import type { DoctorFacts } from "../../model/doctor.ts";
import { older } from "../versions.ts";
import type { Check, Found } from "./check.ts";
import { known } from "./check.ts";

interface KnownBug {
  program: "redis" | "valkey" | "node";
  /** The first version that has it, and the first one that does not. */
  since: string;
  fixed: string;
  severity: "danger" | "advice";
  what: string;
  source: string;
}

/**
 * What a failover or a recovery meets. Not holes in security: distributions mend those without changing the version. Keepalived has
 * a check of its own, and what its versions get wrong is avoided by the generated configuration.
 */
const knownBugs: readonly KnownBug[] = [
  {
    ...{ program: "redis", since: "6.2.0", fixed: "6.2.6", severity: "danger", source: "redis#9477" },
    what: "CLIENT PAUSE lasts as long as an earlier one that was ended: writes are held back for longer than a hand-over needs.",
  },
  {
    ...{ program: "redis", since: "7.0.0", fixed: "7.0.1", severity: "danger", source: "redis#10761" },
    what: "CONFIG REWRITE drops the include lines of redis.conf, and with them the lines that generate-config has made.",
  },
  {
    ...{ program: "redis", since: "7.2.0", fixed: "7.2.3", severity: "advice", source: "redis#12693" },
    what: "A replica keeps files open that it has deleted: each full copy takes disk space until Redis is restarted.",
  },
  {
    ...{ program: "redis", since: "8.2.0", fixed: "8.2.1", severity: "advice", source: "redis#14274" },
    what: "A replica can crash with active defragmentation on, when it empties a large data set before a full copy.",
  },
  {
    ...{
      program: "valkey",
      since: "8.0.0",
      fixed: "8.0.2",
      severity: "advice",
      source: "the release notes of Valkey 8.0.2",
    },
    what: "With active defragmentation on, memory can be corrupted when the data set is emptied, as before a full copy.",
  },
  {
    ...{ program: "node", since: "0", fixed: "20.19", severity: "danger", source: "README.md" },
    what: "The executables were tried with Node.js 20.19 and newer only. The package brings a Node.js of its own.",
  },
];

export const knownBugsCheck: Check = {
  name: "known-bugs",
  looksAt: "Redis, Valkey and Node.js are none of the versions with a bug that a failover meets",
  page: "docs/doctor.md",
  find: (facts: DoctorFacts) => [
    ...facts.nodes.flatMap(({ name, info }) =>
      known(info, name, ({ server, version }) => bugsOf(server, version, name, "redis-server")),
    ),
    ...bugsOf("node", facts.host.nodeVersion, facts.here, "keepalived-redis"),
  ],
};

const names = { redis: "Redis", valkey: "Valkey", node: "Node.js" } as const;

const bugsOf = (program: KnownBug["program"], version: string, on: string, unit: string): Found[] =>
  knownBugs
    .filter((bug) => bug.program === program && !older(version, bug.since) && older(version, bug.fixed))
    .map(({ severity, what, fixed, source }) => ({
      ...{ severity, on },
      what: `${on} runs ${names[program]} ${version}, and a bug is mended in ${fixed} (${source})`,
      why: what,
      change: { where: `shell on ${on}`, line: `apt install --only-upgrade ${unit}` },
    }));
