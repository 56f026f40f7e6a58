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
  /** The same for one that hangs: it finds the order when it goes on, and ends its clients' sessions. */
  | { do: "leave-park" }
  | { do: "unfence" }
  /** End the sessions of our clients: they reached us by an address that is no longer here. */
  | { do: "drop-clients" }
  | { do: "persist"; at: Target; on: boolean };

export interface Refusal {
  cause: string;
  /** What the operator can do about it. */
  wayOut: string;
}

export interface Plan {
  /** The row of the table that decided. */
  row: string;
  steps: Step[];
  /** The steps only prepare: look again afterwards and decide anew. */
  again?: boolean;
  refusal?: Refusal;
}

/** One row of a decision table: the first one that fits makes the plan. */
export interface Row<Facts> {
  /** A sentence: read aloud, the table must make sense. */
  when: string;
  fits(facts: Facts): boolean;
  plan(facts: Facts): Omit<Plan, "row">;
}

export function firstFit<Facts>(table: readonly Row<Facts>[], facts: Facts): Plan {
  for (const row of table) if (row.fits(facts)) return { row: row.when, ...row.plan(facts) };
  throw new Error("a decision table without a last row");
}

/** A step in words, for logs, --dry-run and the docs. */
export function describe(step: Step): string {
  switch (step.do) {
    case "promote":
      return `make ${step.at.name} a master`;
    case "hand-over":
      return `take the master role over from ${step.from.name}: pause its writes, wait until both histories are equal, swap roles`;
    case "follow":
      return `make ${step.at.name} a replica of ${step.source.name}`;
    case "quarantine":
      return `keep a dump of our data set (${step.bytes} bytes of writes that ${step.source.name} lacks: ${step.because})`;
    case "wait-synced":
      return "wait until our replica is in sync";
    case "wait-loaded":
      return "wait until our Redis has loaded its data set";
    case "fence":
      return `hold writes back for ${step.seconds} s${step.at ? ` at ${step.at.name}` : ""}`;
    case "park":
      return "park our Redis: it copies from nobody and keeps what it has";
    case "leave-park":
      return "leave word for our Redis to be parked when it goes on";
    case "unfence":
      return "let writes through";
    case "drop-clients":
      return "end the sessions of our clients";
    case "persist":
      return `turn snapshots ${step.on ? "on" : "off"} at ${step.at.name}`;
  }
}
