import type { Cluster, Node } from "../cluster/schema.ts";
import type { Transition } from "../decide/transition.ts";
import type { Log } from "../log.ts";

/** What a guard looks after: one cluster, and what this host is in it. */
export interface Charge {
  cluster: Cluster;
  node: Node;
  password: string | undefined;
  log: Log;
}

const meaning: Readonly<Record<string, Transition>> = {
  MASTER: "MASTER",
  // Still master after a split: the one way to hear of it.
  MASTER_RX_LOWER_PRI: "MASTER",
  BACKUP: "BACKUP",
  FAULT: "FAULT",
  STOP: "STOP",
};

/** What a word of Keepalived's on its FIFO means for Redis; nothing for one that changes no role. */
export const transitionOf = (state: string): Transition | undefined => meaning[state];
