import type { Row } from "../results.ts";
import { clusters } from "./clusters.ts";
import { idle } from "./idle.ts";
import { keeping } from "./keeping.ts";
import { monitorRun } from "./monitor-run.ts";
import { recovery } from "./recovery.ts";
import { synHole } from "./syn-hole.ts";

/** What is measured besides failovers. */
export interface Costs {
  name: string;
  title: string;
  measure(): Promise<Row[]>;
}

export const costs: readonly Costs[] = [
  {
    name: "idle",
    title: "Idle: what runs beside Redis on the master's host, over a minute without writes",
    measure: () => idle(60),
  },
  {
    name: "clusters",
    title: "One agent for many clusters: idle, over a minute",
    measure: () => clusters([1, 10, 50], 60),
  },
  {
    name: "monitor-run",
    title: "One run of the monitor on a healthy master, beside a Node that does nothing",
    measure: () => monitorRun(30),
  },
  {
    name: "recovery",
    title: "Recovery of an empty node: recover-master beside a bare REPLICAOF (repl-diskless-sync-delay 0)",
    measure: () => recovery([10, 100, 1000], 3),
  },
  {
    name: "keeping",
    title: "How long a node is held up by keeping 10,000 writes that it gives up, and by a dump",
    measure: () => keeping([1, 4]),
  },
  {
    name: "syn-hole",
    title: "How long nobody answers a SYN, not even with a refusal, because the virtual IP is on its way",
    measure: () => synHole(10),
  },
];
