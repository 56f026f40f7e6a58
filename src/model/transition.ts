/** The VRRP state of this node, as Keepalived reports it. */
export type Transition = "MASTER" | "BACKUP" | "FAULT" | "STOP";
