import type { Writing } from "../../lab/client/writing.ts";
import type { Lab, LabOptions } from "../../lab/lab.ts";

/** A way to make a pair of Redis servers fail over; all of them meet the same events. */
export interface Contender {
  name: string;
  /** One line for the results: what runs there, and with which settings. */
  what: string;
  lab: LabOptions;
  /** server11 is master, server12 its replica in sync, and whatever watches them does. */
  bringUp(lab: Lab): Promise<void>;
  /** The client, at its first acknowledged write. */
  write(lab: Lab): Promise<Writing>;
  /** The planned way to make server12 the master. */
  move(lab: Lab): Promise<void>;
  /** The planned way to get server11 back after its Redis was killed. */
  comeBack(lab: Lab): Promise<void>;
  /** Longest time until server12 takes over. */
  takeOver_s: number;
  /** How long there may be two masters before the run ends as it is. */
  settle_s: number;
  /** Runs of an event, unless said otherwise; 0: this event tells nothing new. */
  runs(event: string): number;
}
