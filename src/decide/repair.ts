import type { Transition } from "../model/transition.ts";

/** What decides whether a transition must be carried out again. */
export interface RepairFacts {
  cause: string;
  /** Seconds since the health check first found this cause. */
  lasting_s: number;
  /** The last VRRP state that Keepalived reported; undefined: none since boot. */
  vrrp: Transition | undefined;
  holdsVip: boolean;
  /** A transition is being carried out. */
  atWork: boolean;
  /** Asked only where Keepalived has reported no state since boot. */
  keepalivedRuns: () => boolean;
}

interface Row {
  when: string;
  fits(facts: RepairFacts): boolean;
  transition(facts: RepairFacts): Transition | undefined;
}

/** Causes that a hook repairs. */
const repairable: ReadonlySet<string> = new Set([
  "isolated", // the fence ends by itself, and must be set again while this node is cut off
  "link-down",
  "not-following",
  "master-without-vip",
  "holder-is-replica",
  "holder-is-no-master",
  "copy-stalled",
  "not-saved",
  "two-masters", // Keepalived may be dead on the other node, so nobody else demotes that master
]);

/** Causes that mostly end by themselves within this time: by a take-over, or when VRRP elects one of two masters. */
const selfHealing = new Set(["link-down", "two-masters"]);
const selfHealing_s = 0.5;

/** A hook leaves its mark within this time, also on a busy host. */
const firstMark_s = 2;

/**
 * Keepalived calls a hook once per transition. If the hook was killed, or Redis was not back yet, the transition is carried out
 * again. The last hook may have been killed before it left its mark, so the virtual IP counts more than the last mark.
 */
export const repairTable: readonly Row[] = [
  {
    when: "a hook can't repair this cause: nothing",
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
    fits: ({ cause, lasting_s }) => selfHealing.has(cause) && lasting_s < selfHealing_s,
    transition: () => undefined,
  },
  {
    // Each try writes to the log. Two seconds, since on a busy host a check comes every two or three: with one the next try came by chance,
    // and after a split both nodes stayed in FAULT for 30 s (load 30, the lab).
    when: "it has been tried for 3 s: nothing, except for two seconds in ten",
    fits: ({ lasting_s }) => lasting_s >= 3 && lasting_s % 10 >= 2,
    transition: () => undefined,
  },
  {
    // Where it does not run, a person may be setting this node up.
    when: "Keepalived does not run or is stopping, or has not reported a state within 2 s yet: nothing",
    fits: ({ vrrp, lasting_s, keepalivedRuns }) =>
      vrrp === "STOP" || (vrrp === undefined && (lasting_s < firstMark_s || !keepalivedRuns())),
    transition: () => undefined,
  },
  {
    when: "this node holds the virtual IP: MASTER again",
    fits: ({ holdsVip }) => holdsVip,
    transition: () => "MASTER",
  },
  {
    when: "the virtual IP has left this node, or its first hook was killed before it left its mark: BACKUP again",
    fits: ({ vrrp }) => vrrp === "MASTER" || vrrp === undefined,
    transition: () => "BACKUP",
  },
  {
    when: "otherwise: the last state that Keepalived reported, again",
    fits: () => true,
    transition: ({ vrrp }) => vrrp,
  },
];

/** The transition to carry out again, if any. */
export const repairOf = (facts: RepairFacts): Transition | undefined =>
  repairTable.find(({ fits }) => fits(facts))?.transition(facts);
