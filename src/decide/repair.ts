import type { Transition } from "../model/transition.ts";

/** What the health check knows when it wonders whether a transition has to be carried out once more. */
export interface RepairFacts {
  cause: string;
  /** Seconds for which this cause has stood. */
  lasting_s: number;
  /** What Keepalived said last; undefined where nothing was heard since boot. */
  vrrp: Transition | undefined;
  holdsVip: boolean;
  /** A transition is being carried out. */
  atWork: boolean;
}

interface Row {
  when: string;
  fits(facts: RepairFacts): boolean;
  transition(facts: RepairFacts): Transition | undefined;
}

/** Causes that a hook would put right, had it been called at the right time. */
const repairable: ReadonlySet<string> = new Set([
  "isolated", // the fence ends by itself, and must not while we are cut off
  "link-down",
  "not-following",
  "master-without-vip",
  "holder-is-replica",
  "holder-is-no-master",
  "copy-stalled",
  "two-masters", // Keepalived is dead over there: nobody else makes it stop
]);

/** Causes that mostly end by themselves: a take-over that follows must not wait for us, and VRRP elects one of two masters. */
const patient = new Set(["link-down", "two-masters"]);
const patience_s = 0.5;

/**
 * Keepalived calls a hook once. One that was killed, or that came before Redis was back, is made up for: the transition is carried
 * out once more. The hook of the very last one may have been killed before it left a mark, so who has the virtual IP counts more.
 */
export const repairTable: readonly Row[] = [
  {
    when: "no hook could put this right: nothing",
    fits: ({ cause }) => !repairable.has(cause),
    transition: () => undefined,
  },
  {
    when: "a transition is being carried out: nothing",
    fits: ({ atWork }) => atWork,
    transition: () => undefined,
  },
  {
    when: "a link broke, or two masters met, less than 0.5 s ago: nothing yet",
    fits: ({ cause, lasting_s }) => patient.has(cause) && lasting_s < patience_s,
    transition: () => undefined,
  },
  {
    // Each try is in the log.
    when: "it was tried for 3 s, and this is not the first second of ten: nothing for now",
    fits: ({ lasting_s }) => lasting_s >= 3 && Math.floor(lasting_s) % 10 !== 0,
    transition: () => undefined,
  },
  {
    when: "Keepalived said nothing yet, or is stopping: nothing",
    fits: ({ vrrp }) => vrrp === undefined || vrrp === "STOP",
    transition: () => undefined,
  },
  {
    when: "this node holds the virtual IP: MASTER once more",
    fits: ({ holdsVip }) => holdsVip,
    transition: () => "MASTER",
  },
  {
    when: "the virtual IP has left: BACKUP once more",
    fits: ({ vrrp }) => vrrp === "MASTER",
    transition: () => "BACKUP",
  },
  {
    when: "otherwise: what Keepalived said last, once more",
    fits: () => true,
    transition: ({ vrrp }) => vrrp,
  },
];

/** The transition to carry out once more, if any. */
export const repairOf = (facts: RepairFacts): Transition | undefined =>
  repairTable.find(({ fits }) => fits(facts))?.transition(facts);
