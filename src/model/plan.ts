/** What a transition does, as data: printed by --dry-run, logged step by step, carried out by act/. */

/** A server that a step touches: a node's name and where its Redis is. */
export interface Target {
  name: string;
  host: string;
  port: number;
}

export type Step =
  /** `at` becomes a master. */
  | { do: "promote"; at: Target }
  /** `from`, a master that we copy from, hands its role to us with nothing lost. */
  | { do: "hand-over"; from: Target }
  /** `at` becomes a replica of `source`. */
  | { do: "follow"; at: Target; source: Target }
  /** Keep our data set as a dump before `source` overwrites it. */
  | { do: "quarantine"; source: Target; because: string; bytes: number }
  /** Our replica has a full, current copy of its source. */
  | { do: "wait-synced" }
  /** Our Redis has read its data set from disk. */
  | { do: "wait-loaded" }
  /** A Redis, ours unless said otherwise, holds writes back for so long, or until its next transition. */
  | { do: "fence"; seconds: number; at?: Target }
  /** Our Redis copies from nobody, keeps what it has and takes no writes. */
  | { do: "park" }
  /** Decide again, now that no write can come in: the steps that follow are taken only if the decision is still the same. */
  | { do: "confirm" }
  /** The same for one that hangs: it finds the order when it goes on, and ends its clients' sessions. */
  | { do: "park-on-resume" }
  | { do: "unfence" }
  /** End the sessions of our clients: they reached us by an address that is no longer here. */
  | { do: "drop-clients" }
  | { do: "persist"; at: Target; on: boolean };

export interface PlanRefusal {
  cause: string;
  /** What the operator can do about it. */
  remedy: string;
}

export interface Plan {
  /** The row of the table that decided. */
  row: string;
  steps: Step[];
  /** The steps only prepare: look again afterwards and decide anew. */
  again?: boolean;
  refusal?: PlanRefusal;
}

/** One row of a decision table: the first one that fits makes the plan. */
export interface Row<Facts> {
  /** A sentence: read aloud, the table must make sense. */
  when: string;
  fits(facts: Facts): boolean;
  plan(facts: Facts): Omit<Plan, "row">;
}
