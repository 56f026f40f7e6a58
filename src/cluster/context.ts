import type { Log } from "../model/log.ts";
import type { Paths } from "./paths.ts";
import type { Cluster, Node } from "./schema.ts";

/** What every executable knows once it has started: the cluster, which of its nodes this host is, and where to log. */
export interface NodeContext {
  cluster: Cluster;
  node: Node;
  /** Undefined where the servers have none. */
  password: string | undefined;
  paths: Paths;
  log: Log;
}
