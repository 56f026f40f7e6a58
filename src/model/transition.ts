/** What Keepalived says of this node's part in the cluster. */
export type Transition = "MASTER" | "BACKUP" | "FAULT" | "STOP";
