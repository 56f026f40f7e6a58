import type { HostReport } from "./host-report.ts";
import type { RedisAnswer } from "./status.ts";

/** What the metrics of one node are made of. The agent and `status --metrics` read the same. */
export interface MetricsFacts {
  cluster: string;
  node: string;
  /** Of this software. */
  version: string;
  host: HostReport;
  /** The local Redis; undefined if it was not asked yet. */
  redis: Pick<RedisAnswer, "seen" | "paused_ms" | "goodReplicas"> | undefined;
  port: number;
  peers: { name: string; address: string; answers: boolean }[];
}

/** Labels beside `cluster` and `node`, which every metric has. */
export interface Sample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

export interface Metric {
  /** Without the prefix `keepalived_redis_`. */
  name: string;
  /** For the HELP line and docs/alerting.md. */
  help: string;
  type: "gauge" | "counter";
  labels?: readonly string[];
  /** What is not known has no sample. */
  samples(facts: MetricsFacts): Sample[];
}
