import type { Cluster, Node } from "../cluster/schema.ts";
import type { Log } from "../model/log.ts";

/** What a guard looks after: one cluster, and what this host is in it. */
export interface Charge {
  cluster: Cluster;
  node: Node;
  password: string | undefined;
  log: Log;
}
