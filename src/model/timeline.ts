/** What `timeline` makes of the logs. `TimelineReport` is what `--json` prints: docs/timeline.md is its schema. */

/** A line of a log. `at_ms` is its time by the clock of the first node, once the difference of the clocks is known. */
export interface LogLine {
  at_ms: number;
  level: string;
  event: string;
  message: string;
  node: string;
  cluster: string;
  executable: string;
  /** All fields, those above too. */
  fields: Readonly<Record<string, unknown>>;
}

/** How far the clock of a node is ahead of that of the first one. */
export interface ClockDifference {
  node: string;
  than: string;
  /** Null: too little was seen by both. */
  ahead_ms: number | null;
  /** It may be wrong by this much. */
  precision_ms: number | null;
  /** So many events that both saw. */
  from: number;
}

export interface StoryEvent {
  at: string;
  after_ms: number;
  node: string;
  executable: string;
  level: string;
  event: string;
  text: string;
  /** So many equal lines, over so long. */
  count: number;
  over_ms: number;
}

export type RowKind = "role" | "vip" | "writable" | "link";

/** A state of a node, from one moment of an incident to another. */
export interface Span {
  from_ms: number;
  to_ms: number;
  state: string;
}

export interface NodeRows {
  node: string;
  role: Span[];
  vip: Span[];
  writable: Span[];
  link: Span[];
}

/** A row of a decision table that decided, and what followed. */
export interface Why {
  node: string;
  transition: string;
  row: string;
  steps: string[];
}

export interface Cost {
  /** About how long no node took writes, and how long two did; by the log. Null: it does not tell. */
  no_writes_ms: number | null;
  two_writable_ms: number | null;
  bytes_at_stake: number | null;
  /** Known to be missing when a node was promoted. */
  missing: string[];
  kept: { node: string; file: string; what: string }[];
}

export interface Incident {
  cluster: string;
  begin: string;
  end: string;
  duration_ms: number;
  cause: { code: string; node: string; text: string };
  outcome: string;
  why: Why[];
  refused: { node: string; why: string; remedy: string }[];
  cost: Cost;
  rows: NodeRows[];
  events: StoryEvent[];
}

export interface TimelineReport {
  version: 1;
  nodes: string[];
  /** Lines that are no log line. */
  unreadable_lines: number;
  lines: number;
  clocks: ClockDifference[];
  incidents: Incident[];
}
