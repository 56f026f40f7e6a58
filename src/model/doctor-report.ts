/** What `doctor --json` prints. */
export interface DoctorReport {
  version: 1;
  cluster: string;
  from: string;
  checks: string[];
  /** The dangers first. */
  findings: DoctorFinding[];
  not_known: NotKnown[];
  /** By the profile of this host; null if that is not known. */
  prediction: Prediction | null;
}

/** `danger`: it endangers the failover or data. */
export interface DoctorFinding {
  check: string;
  severity: "danger" | "advice";
  /** The node on which something is to be changed. */
  on: string;
  what: string;
  why: string;
  /** The line to write or to type, and where. */
  change: { where: string; line: string };
  /** A page of docs/. */
  page: string;
}

export interface NotKnown {
  check: string;
  on: string;
  not_known: string;
  harmless?: true;
}

/** The longest time until the next master serves, in seconds. */
export interface Prediction {
  redis_killed_s: number;
  redis_hangs_s: number;
  host_cut_off_s: number;
  /** The role is moved on purpose: nothing has to be noticed. */
  planned_move_s: number;
}
