/** A fact, or why it could not be had. What is not known is no finding. */
export type Fact<T> = { value: T } | { unknown: string };

/** All that the checks of `doctor` look at. There are no secrets in it. */
export interface DoctorFacts {
  cluster: string;
  vip: string;
  /** The node on which it runs. */
  here: string;
  passwordFile: string | undefined;
  witnesses: { address: string; answers: boolean }[];
  nodes: NodeFacts[];
  host: HostFacts;
}

/** What is known of one node over its Redis, and from its host: of this one directly, of others by their agents. */
export interface NodeFacts {
  name: string;
  address: string;
  here: boolean;
  /** With our own password. */
  login: Fact<LoginAnswer>;
  /** How other nodes answer to the `masterauth` of this one. */
  follows: { to: string; login: Fact<LoginAnswer> }[];
  /** CONFIG GET; without passwords. */
  settings: Fact<Record<string, string>>;
  /** `requirepass` is set. */
  hasPassword: Fact<boolean>;
  info: Fact<RedisFacts>;
  commands: Fact<CommandAnswer[]>;
  /** ACL LIST: each user, with a hash of its rights and passwords. */
  users: Fact<{ name: string; hash: string }[]>;
  /** Its clock less ours; `within_ms`: how exactly that is known. */
  clock: Fact<{ ahead_ms: number; within_ms: number }>;
  keepalived: Fact<boolean>;
  agent: Fact<"alive" | "hung" | "died" | "none">;
  /** A hash of the cluster file as it is used there. */
  clusterFile: Fact<string>;
}

/** `error`: the first word of the error reply; undefined if the password was accepted. */
export interface LoginAnswer {
  error: string | undefined;
}

export interface CommandAnswer {
  command: string;
  problem: "denied" | "missing" | undefined;
}

export interface RedisFacts {
  server: "redis" | "valkey";
  version: string;
  role: "master" | "replica";
  memory_bytes: number;
  /** Of the replication stream, measured over a second. */
  written_bytes_per_s: number;
}

/** What only this host knows. */
export interface HostFacts {
  /** The file that INFO names, and the last `replicaof` line in it and the files that it includes. */
  redisConf: Fact<{ file: string; replicaof: string | undefined }>;
  keepalivedConf: Fact<KeepalivedConf>;
  keepalivedVersion: Fact<string>;
  /** What is wrong with the files that Keepalived runs as root. */
  scripts: Fact<string[]>;
  state: { folder: string; exists: boolean; fifo: "there" | "missing" | "no-fifo"; tmpfiles: boolean };
  logrotate: { log: string; rotated: boolean };
  /** Bytes that are free where the quarantine is. */
  free: Fact<{ folder: string; bytes: number }>;
  /** Of the interface of the virtual IP. `file`: that of systemd-networkd; undefined if something else manages it. */
  networkd: { interface: string; file: string | undefined; keeps: boolean };
  /** Programs that restart Keepalived on their own. */
  restarts: { needrestart: boolean; unattended: boolean };
}

/** `file` is undefined if no file of Keepalived has been generated for this cluster. */
export interface KeepalivedConf {
  file: string | undefined;
  profile: "hooks" | "agent" | undefined;
  /** The first line that is not as `generate-config` gives it. Without passwords. */
  difference: { line: number; is: string; wanted: string } | undefined;
  /** How to make it again. */
  command: string;
}

/** `danger`: it endangers the failover or data. */
export interface DoctorFinding {
  check: string;
  severity: "danger" | "advice";
  /** The node on which something is to be changed. */
  on: string;
  what: string;
  why: string;
  /** The line to write or to type, and where. */
  change: { where: string; line: string };
  /** A page of docs/. */
  page: string;
}

export interface NotKnown {
  check: string;
  on: string;
  not_known: string;
}

/** What `doctor --json` prints. */
export interface DoctorReport {
  version: 1;
  cluster: string;
  from: string;
  checks: string[];
  /** The dangers first. */
  findings: DoctorFinding[];
  not_known: NotKnown[];
}
