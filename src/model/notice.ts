import type { Transition } from "./transition.ts";

/** What `failover.on_transition` reads on standard input: docs/alerting.md is its schema, with a version of its own. */
export interface TransitionNotice {
  version: 1;
  cluster: string;
  node: string;
  /** The virtual IP, without its prefix length. */
  vip: string;
  transition: Transition;
  result: "done" | "refused" | "failed" | "maintenance";
  /** When it ended: ISO 8601, by the clock of this host. */
  when: string;
  duration_ms: number;
  /** The virtual IP is on this host. */
  holder: boolean;
  /** The rows of the decision tables that decided, in order: `--dry-run` and docs/decisions.md have the same sentences. */
  rows: string[];
  /** The steps of these plans, in words. */
  steps: string[];
  /** Of a transition that was not done. */
  why: string | null;
  remedy: string | null;
  /** What the local data set is known to lack of what was served, in words; null if nothing is known to be missing. */
  missing: string | null;
  /** What this transition has kept before data was overwritten. */
  kept: KeptNotice[];
}

interface KeptNotice {
  /** Its number for `diverged show`. */
  id: number;
  kind: "writes" | "dump";
  file: string;
  /** Null where a dump was kept. */
  writes: number | null;
  keys: number | null;
}
