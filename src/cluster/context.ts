import type { Log } from "../model/log.ts";
import type { Paths } from "./paths.ts";
import type { Cluster, Node } from "./schema.ts";

/** What every executable has after its start: the cluster, the local node, and the log. */
export interface NodeContext {
  /** Path of the cluster file. */
  file: string;
  cluster: Cluster;
  node: Node;
  /** Undefined if Redis has no password. */
  password: string | undefined;
  paths: Paths;
  log: Log;
}
