import type { HostReport, KeepalivedProblem, LastTransition } from "./host-report.ts";
import type { Observation } from "./observation.ts";
import type { Transition } from "./transition.ts";

/** What `status` shows. `StatusReport` is what `--json` prints: docs/status.md is its schema, with a version of its own. */

/**
 * `redis`: that Redis was asked. `check`: the health check of that host told it over its Redis. `vip`: the Redis behind the virtual IP.
 * `master`: the master's list of replicas.
 */
export type Via = "host" | "agent" | "check" | "redis" | "vip" | "master";

/** What was not seen has no value, and says why. `stale`: a program that is dead has left it behind. */
export type Datum<T> = { value: T; via: Via; age_s: number; stale?: string } | { value: null; unknown: string };

export interface NodeStatus {
  name: string;
  address: string;
  /** `status` runs on this node. */
  here: boolean;
  /** What this node should be, as far as the holder is known. */
  wanted: Datum<{ role: "master" | "replica"; of: string | null }>;
  redis: Datum<RedisStatus>;
  /** Replicas only. */
  link: Datum<LinkStatus>;
  lag: Datum<{ bytes: number; seconds: number | null }>;
  fence: Datum<FenceStatus>;
  holder: Datum<boolean>;
  keepalived: Datum<boolean>;
  /** A signal has stopped it. */
  keepalived_hangs: Datum<boolean>;
  /** Null if none is known. */
  keepalived_problem: Datum<KeepalivedProblem | null>;
  vrrp: Datum<{ state: Transition | null; for_s: number | null }>;
  priority: Datum<{ configured: number; claim: number }>;
  /** `refused`: its port refuses connections, so it does not run or a firewall is in the way. */
  agent: Datum<HostReport["agent"]["is"] | "refused">;
  verdict: Datum<{ fit: boolean; cause: string; detail: string; for_s: number }>;
  maintenance: Datum<{ on: boolean; until: string | null }>;
  drain: Datum<boolean>;
  last_transition: Datum<LastTransition>;
  quarantine: Datum<HostReport["kept"]>;
}

export interface RedisStatus {
  /** `refused`: its host says that nobody listens. */
  state: "master" | "replica" | "rejected" | "refused";
  /** Why it is rejected or refused: one word of an observation, and in words. */
  why: string;
  detail: string;
  server: string;
  keys: number | null;
  offset: number | null;
  /** A master's replicas, and how many of them keep up. */
  replicas: number;
  replicas_in_sync: number;
  loading_s: number | null;
}

export interface LinkStatus {
  state: "up" | "down" | "copying" | "parked";
  /** The node that it copies from, or the address. */
  of: string;
  down_s: number | null;
  /** A full copy: how much of it has come, in percent. */
  percent: number | null;
}

/** `held`: writes wait (CLIENT PAUSE). `refused`: too few replicas keep up, or a save failed. */
export interface FenceStatus {
  writes: "accepted" | "held" | "refused";
  why: string;
}

/** Whether a node reaches another: over Redis, and by its VRRP adverts. */
export interface Reach {
  from: string;
  to: string;
  redis: "yes" | "no" | "unknown";
  /** `from` hears the adverts of `to`. */
  vrrp: "yes" | "no" | "unknown";
}

export type Severity = "ok" | "warning" | "critical" | "unknown";

export interface Finding {
  severity: Severity;
  /** One word, for programs. */
  cause: string;
  /** What is wrong. */
  text: string;
  /** What to type next; undefined if nothing has to be done. */
  command?: string | undefined;
  /** The node on which to type it, if it is not this one. */
  on?: string | undefined;
}

export interface StatusReport {
  version: 1;
  cluster: string;
  vip: string;
  /** The node that was asked, and when (ISO 8601). */
  from: string;
  at: string;
  /** Why the last good cluster file is used, or the password file can't be read; null if nothing is broken. */
  broken: string | null;
  nodes: NodeStatus[];
  reach: Reach[];
  /** The gravest first. There is always one. */
  findings: Finding[];
}

/** The answer of one Redis. */
export interface RedisAnswer {
  seen: Observation;
  /** CLIENT PAUSE; undefined if the server does not tell. */
  paused_ms?: number | undefined;
  /** Replicas that `min-replicas-to-write` counts; undefined if it is not set. */
  goodReplicas?: number | undefined;
  /** Its agent announces that it would take the virtual IP. */
  ready: boolean;
  drainRequested: boolean;
}

export type HostAnswer =
  | { report: HostReport; via: "host" | "agent" | "check" }
  | { report: undefined; why: string; agent: "refused" | "hung" | undefined; silent?: boolean };

/** All that was read, before anything is concluded. */
export interface Gathered {
  cluster: string;
  vip: string;
  from: string;
  at: string;
  broken: string | null;
  nodes: GatheredNode[];
  /** The run_id of the Redis that answers at the virtual IP. */
  vipRunId?: string | undefined;
  settings: Settings;
}

export interface GatheredNode {
  name: string;
  address: string;
  port: number;
  here: boolean;
  redis: RedisAnswer;
  host: HostAnswer;
}

/** What the commands and the thresholds need. */
export interface Settings {
  file: string;
  /** What our own commands need after their name, if the cluster file is not the default one. */
  options: string;
  port: number;
  passwordFile: string | undefined;
  /** The program and the options that reach any Redis of the cluster, but for the password, the address and the port. */
  redisCli: string;
  interface: string;
  startRedis: string;
  startKeepalived: string;
  maxMissing: { bytes: number; seconds: number };
}
