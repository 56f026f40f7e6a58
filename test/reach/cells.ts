/** What runs in a cell: files of a test suite, or `keepalived -t` of the golden configurations. */
export const suites = {
  config: { title: "keepalived -t", files: [] },
  redis: { title: "Redis suite", files: ["redis/"], concurrency: 2 },
  lab: {
    title: "lab",
    files: ["failover", "agent", "split-brain", "planned-move", "three-nodes", "recovery"].map(
      (name) => `lab/${name}.test.ts`,
    ),
    concurrency: 1,
  },
  settings: {
    title: "other settings",
    files: ["reach/other-settings.test.ts", "reach/fractions.test.ts", "lab/least-privilege.test.ts"],
    concurrency: 1,
  },
  upgrade: { title: "upgrade", files: ["reach/rolling-upgrade.test.ts"], concurrency: 1 },
} as const satisfies Record<string, SuiteOfCell>;

interface SuiteOfCell {
  title: string;
  /** Below test/. */
  files: readonly string[];
  concurrency?: number;
}

export type SuiteName = keyof typeof suites;

/** A tree of Debian. */
interface Tree {
  name: string;
  release: string;
  packages: readonly string[];
}

/** A system, and what is run on it. */
export interface Cell {
  name: string;
  system: string;
  tree: Tree;
  /** A version of Node for npm; "own": Debian's package. */
  node: string;
  suites: readonly SuiteName[];
  /** The system to which the hosts are upgraded. */
  newer?: Tree;
  /** The commit from which the executables are upgraded to those of the checkout. */
  older?: string;
}

const base = ["keepalived", "iproute2", "util-linux-extra", "perl", "openssl"];
const debian = (name: string, release: string, ...packages: string[]): Tree => ({
  ...{ name, release, packages: [...base, ...packages] },
});
const redis = ["redis-server", "redis-tools"];
const valkey = ["valkey-server", "valkey-tools"];

const debian12 = debian("debian-12", "bookworm", ...redis);
const debian13 = debian("debian-13-redis", "trixie", "nodejs", ...redis);
const all = ["config", "redis", "lab", "settings"] as const;

export const cells: readonly Cell[] = [
  { name: "debian-12", system: "Debian 12", tree: debian12, node: "20.19", suites: all },
  { name: "debian-13", system: "Debian 13", tree: debian13, node: "own", suites: all },
  {
    ...{ name: "debian-13-valkey", system: "Debian 13", node: "own", suites: all },
    tree: debian("debian-13-valkey", "trixie", "nodejs", ...valkey),
  },
  {
    ...{ name: "debian-sid", system: "Debian sid", node: "own", suites: all },
    tree: debian("debian-sid-valkey", "sid", "nodejs", ...valkey),
  },
  ...["22", "24", "26"].map((node) => ({
    ...{ name: `node-${node}`, system: "Debian 12", tree: debian12, node, suites: ["redis"] as const },
  })),
  {
    ...{ name: "debian-12-to-13", system: "Debian 12 and 13", tree: debian12, newer: debian13, node: "20.19" },
    // No release is there yet: of 2026-11-26, whose agent answers no /host, and whose checks know no busy host.
    older: "bbef8c2",
    suites: ["upgrade"],
  },
  {
    ...{ name: "debian-11", system: "Debian 11", node: "none", suites: ["config"] },
    tree: { name: "debian-11", release: "bullseye", packages: ["keepalived", "iproute2"] },
  },
];
