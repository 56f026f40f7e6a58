import type { KeepalivedProblem } from "./host-report.ts";

/** A fact, or why it could not be had. What is not known is no finding. */
export type Fact<T> = { value: T } | Unknown;

/** `harmless`: nothing is wrong with that. A program is not installed, or a right not given, that only `doctor` would need. */
export interface Unknown {
  unknown: string;
  harmless?: true;
}

/** All that the checks of `doctor` look at. There are no secrets in it. */
export interface DoctorFacts {
  cluster: string;
  vip: string;
  /** The node on which it runs. */
  here: string;
  /** The cluster file, and the option that names it to our own commands: empty if it is the default one. */
  file: string;
  options: string;
  passwordFile: string | undefined;
  /** The user as whom we log in. */
  user: string;
  timing: Timing;
  witnesses: { address: string; answers: boolean }[];
  nodes: NodeFacts[];
  host: HostFacts;
  network: NetworkFacts;
}

/** What this host hears on the interface of the virtual IP, while it listens for some adverts. */
export interface NetworkFacts {
  interface: string;
  router_id: number;
  adverts: Fact<Advert[]>;
  /** `dropsVrrp`: what no rule accepts is dropped, and no rule names VRRP or a peer. */
  firewall: Fact<{ dropsVrrp: boolean }>;
  /** Who answers for the virtual IP besides this host. `node` is undefined if it is none of the nodes. */
  answers: Fact<Answer[]>;
}

/** Of a machine that answers for the virtual IP. */
export interface Answer {
  mac: string;
  node: string | undefined;
}

/** A VRRP advert, of any router on this network. */
export interface Advert {
  from: string;
  router_id: number;
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
  info: Fact<RedisFacts>;
  commands: Fact<CommandAnswer[]>;
  /** ACL LIST: each user, with a hash of its rights and passwords. */
  users: Fact<{ name: string; hash: string }[]>;
  /** Its clock less ours; `within_ms`: how exactly that is known. */
  clock: Fact<{ ahead_ms: number; within_ms: number }>;
  /** The virtual IP is on its host. */
  holder: Fact<boolean>;
  /** `hangs`: a signal has stopped it. */
  keepalived: Fact<"runs" | "hangs" | "not">;
  agent: Fact<"alive" | "hung" | "died" | "none" | "refused">;
  /** A hash of the cluster file as it is used there. */
  clusterFile: Fact<string>;
}

/** `error`: the first word of the error reply; undefined if the password was accepted. */
export interface LoginAnswer {
  error: string | undefined;
}

export interface CommandAnswer {
  command: string;
  /** `not-known`: ACL DRYRUN, which would tell, is denied or missing. */
  problem: "denied" | "missing" | "not-known" | undefined;
}

export interface RedisFacts {
  server: "redis" | "valkey";
  version: string;
  role: "master" | "replica";
  memory_bytes: number;
  /** Of the replication stream, over a second; undefined if it was not measured. */
  written_bytes_per_s: number | undefined;
}

/** What the time of a failover follows from; of the cluster file, in seconds. */
export interface Timing {
  monitor: { interval: number; timeout: number; fall: number };
  agent: { interval: number; timeout: number };
  advert_interval: number;
  /** VRRPv2, which has a password, counts in whole seconds. */
  version: 2 | 3;
  /** Of the node that takes over last. */
  lowest_priority: number;
}

/** What only this host knows. */
export interface HostFacts {
  /** The file that INFO names, and the last `replicaof` line in it and the files that it includes. */
  redisConf: Fact<{ file: string; replicaof: string | undefined }>;
  keepalivedConf: Fact<KeepalivedConf>;
  keepalivedVersion: Fact<string>;
  /** Why Keepalived does not start; undefined while it runs, or if that is not known. */
  startProblem: KeepalivedProblem | undefined;
  /** Undefined while Keepalived does not run, or has no file of ours. */
  configurationRead: Fact<ConfigurationRead | undefined>;
  /** What is wrong with the files that Keepalived runs as root. */
  scripts: Fact<string[]>;
  /** `watched`: Keepalived watches it; undefined if it does not run, or that can't be read. */
  state: {
    folder: string;
    exists: boolean;
    fifo: "there" | "missing" | "no-fifo";
    tmpfiles: boolean;
    watched: boolean | undefined;
  };
  /** Others than its owner can read the password file. */
  passwordReadable: boolean;
  /** keepalived.service as systemd has it in effect; undefined where there is no systemd. */
  unit: Fact<{ killMode: string; handsOver: boolean } | undefined>;
  logrotate: { log: string; rotated: boolean };
  /** Bytes that are free where the quarantine is. */
  free: Fact<{ folder: string; bytes: number }>;
  /** Of the interface of the virtual IP. `file`: that of systemd-networkd; undefined if something else manages it. */
  networkd: { interface: string; file: string | undefined; keeps: boolean };
  /** Whether NetworkManager manages that interface. */
  networkManager: Fact<{ manages: boolean }>;
  /** Denials of Keepalived that are in the audit log; none where there is no SELinux. */
  selinux: Fact<{ denials: number; last: string }>;
  /** Of the Node.js that runs us. */
  nodeVersion: string;
  /** Programs that restart Keepalived on their own. */
  restarts: { needrestart: boolean; unattended: boolean };
}

/** `file`: the one that was written last. `written_later_s`: since Keepalived has read it; undefined if it was not. */
export interface ConfigurationRead {
  file: string;
  written_later_s: number | undefined;
  /** Where Keepalived says why it refused its last reload; undefined if it did not. */
  refused: string | undefined;
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
