/** The parts of a drill. `there`: the planned move to the replica. `back`: the planned move back. */
export type DrillPart = "checks" | "there" | "kill" | "recover" | "back";

/** One part as it was measured. */
export interface DrillStep {
  part: DrillPart;
  /** When it began: ISO 8601, by the clock of this host. */
  at: string;
  /** The time until the part could begin: a planned move waits until its target is ready. */
  waited_s: number;
  /** The time that the part itself took. */
  took_s: number;
  /** The longest time without an acknowledged write; null where nothing is written. */
  gap_ms: number | null;
  /** By the settings, at most; null where nothing is predicted. */
  predicted_ms: number | null;
  /** Acknowledged writes of the probe that the next master did not have. */
  lost: number | null;
}

/** `slow`: a gap was longer than predicted. */
export type DrillResult = "good" | "slow" | "lost" | "failed";

/** What `drill --json` prints; docs/drill.md is its schema. */
export interface DrillReport {
  version: 1;
  cluster: string;
  /** The node on which it ran. */
  from: string;
  /** Whether that node had the virtual IP at the start. */
  from_holder: boolean;
  /** Of that node; null if it is not known. */
  profile: "hooks" | "agent" | null;
  kind: "switchover" | "kill-redis";
  /** The master and its replica at the start. */
  master: string;
  replica: string;
  /** Acknowledged writes of the probe. */
  writes: number;
  steps: DrillStep[];
  result: DrillResult;
  /** The same in words. */
  conclusion: string;
}
