import type { Transition } from "./transition.ts";

/** What only a node's own host knows, as `/host` of its agent prints it. Times are ages: the clocks of two hosts may differ. */
export interface HostReport {
  /** The virtual IP is on this host. */
  holder: boolean;
  /** Keepalived runs on this host. */
  keepalived: boolean;
  /** A signal has stopped it. Agents of older versions do not tell it. */
  keepalived_hangs?: boolean | undefined;
  /** Undefined if there is none, or it can't be seen: an agent that is not root can't see `not-watched`. */
  keepalived_problem?: KeepalivedProblem | undefined;
  /** The last transition that Keepalived reported; null if no hook has run since boot. */
  vrrp: { state: Transition; for_s: number } | null;
  priority: { configured: number; claim: number };
  /** `died`: its process is gone, and it has left its heartbeat behind. */
  agent: { is: "alive" | "hung" | "died" | "none"; silent_s: number | null };
  verdict: { fit: boolean; cause: string; detail: string; for_s: number } | null;
  /** `until`: ISO 8601. */
  maintenance: { on: boolean; until: string | null };
  /** `left`: the process that asked for it has died. */
  drain: "no" | "yes" | "left";
  last_transition: LastTransition | null;
  kept: KeptSummary;
  /** A hash of what the cluster file says, passwords left out. Agents of older versions do not tell it. */
  cluster_file?: string | undefined;
  /** Since the boot. Agents of older versions do not tell them. */
  transitions?: TransitionCount[] | undefined;
  /** As the agent sees the Redis of the other nodes. */
  peers?: { name: string; answers: boolean }[] | undefined;
}

/** What is wrong with Keepalived of a host. */
export type KeepalivedProblem =
  /** It runs, and does not watch the state folder: what is written into its track files does not count. */
  | { is: "not-watched"; what: string }
  /** It does not run, and would not start: this folder of a track file is missing. `made_at_boot`: a file of tmpfiles.d makes it. */
  | { is: "no-folder"; what: string; made_at_boot: boolean }
  /** It does not run, and would not start: the first error that `keepalived -t` finds in its configuration. */
  | { is: "configuration"; what: string };

export type TransitionResult = "done" | "refused" | "failed" | "superseded";

/** How many transitions of one kind ended in one way on this host. */
export interface TransitionCount {
  transition: Transition;
  result: TransitionResult;
  count: number;
  /** When the last of them ended, in seconds since 1970 by the clock of that host, and how long it took. */
  last_s: number;
  last_duration_s: number;
}

/** The last transition that was carried out here, from the log. */
export interface LastTransition {
  transition: Transition;
  /** ISO 8601, by the clock of that host. */
  when: string;
  ago_s: number;
  result: TransitionResult;
  duration_ms: number;
  /** The row that decided, or why it was not done. */
  why: string;
}

/** How much is in the quarantine. */
export interface KeptSummary {
  files: number;
  /** Those that `diverged apply` has not applied. */
  not_applied: number;
  newest: { id: number; kind: "writes" | "dump"; when: string; writes: number | null; keys: number | null } | null;
}
