/** What a transition does, as data: printed by --dry-run, logged step by step, carried out by src/failover/. */

/** The server of a step: the name of its node, and the address of its Redis. */
export interface Target {
  name: string;
  host: string;
  port: number;
}

export type Step =
  /** `at` becomes a master. */
  | { do: "promote"; at: Target }
  /** The local Redis takes the master role over from `from`; no write is lost. */
  | { do: "hand-over"; from: Target }
  /** `at` becomes a replica of `source`. */
  | { do: "follow"; at: Target; source: Target }
  /**
   * The local data set is kept before following `source` overwrites it. `bytes`: so much of the history only the local Redis has;
   * undefined: the two can't be compared.
   */
  | { do: "quarantine"; source: Target; because: string; bytes: number | undefined }
  /** Wait until the local replica has a complete, current copy of its master. */
  | { do: "wait-synced" }
  /** Wait until each peer that may be slow answers, or its host says that nobody listens there. */
  | { do: "wait-answer" }
  /** Wait until the local Redis has loaded its data set from disk. */
  | { do: "wait-loaded" }
  /** `at` (default: the local Redis) holds writes back for `seconds`, or until an `unfence`. */
  | { do: "fence"; seconds: number; at?: Target }
  /** The local Redis becomes a replica of nobody: it keeps its data and takes no writes. */
  | { do: "park" }
  /** This node resigns as the holder, so that the virtual IP moves to `to`, which stays master. */
  | { do: "resign"; to: Target }
  /** Decide again behind the fence: the remaining steps are taken only if the decision is still the same. */
  | { do: "confirm" }
  /** A local Redis that hangs is sent the commands to park and to end its clients' sessions; it reads them when it resumes. */
  | { do: "park-on-resume" }
  /** A peer that accepts connections but gives no answer is sent the command to hold writes back; it reads it when it resumes. */
  | { do: "fence-on-resume"; at: Target; seconds: number }
  | { do: "unfence"; at?: Target }
  /** End the sessions of clients of the local Redis: they connected to an address that has left this host. */
  | { do: "drop-clients" }
  | { do: "persist"; at: Target; on: boolean };

export interface PlanRefusal {
  cause: string;
  /** What the operator can do about it. */
  remedy: string;
}

export interface Plan {
  /** The sentence of the row that decided. */
  row: string;
  steps: Step[];
  /** The steps only prepare: afterwards the cluster is observed again, and the decision is made again. */
  again?: boolean;
  refusal?: PlanRefusal;
}

/** One row of a decision table. The first row that fits makes the plan. */
export interface Row<Facts> {
  /** The condition and the decision in one sentence, for the log, --dry-run and docs/decisions.md. */
  when: string;
  fits(facts: Facts): boolean;
  plan(facts: Facts): Omit<Plan, "row">;
}
