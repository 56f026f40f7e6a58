/** A planned move of the virtual IP and the master role that is under way. */
export interface MoveFacts {
  /** The target is master, and has a replica. */
  moved: boolean;
  /** The seconds for which clients have had no master; 0 while they have one. */
  outage_s: number;
  elapsed_s: number;
  deadline_s: number;
  /** `failover.handover_timeout`. */
  handover_s: number;
}

export type MoveProgress = { is: "moved" } | { is: "wait" } | { is: "given-up"; because: string };

// Keepalived gives the address on, and the hook of the target starts: 0.1 to 0.9 s on two busy cores (measured).
const handsOn_s = 1;

/** Each second that a move which can't be completed goes on is a second without a master. */
export const moveTable: readonly {
  when: string;
  fits(facts: MoveFacts): boolean;
  progress(facts: MoveFacts): MoveProgress;
}[] = [
  {
    when: "the target is master, and has a replica: done",
    fits: ({ moved }) => moved,
    progress: () => ({ is: "moved" }),
  },
  {
    when: "clients have had no master for `failover.handover_timeout` and a second: give up",
    fits: ({ outage_s, handover_s }) => outage_s > handover_s + handsOn_s,
    progress: ({ handover_s }) => ({
      is: "given-up",
      because: `clients had no master for ${handover_s + handsOn_s} s`,
    }),
  },
  {
    when: "the deadline of the command has passed: give up",
    fits: ({ elapsed_s, deadline_s }) => elapsed_s >= deadline_s,
    progress: ({ deadline_s }) => ({ is: "given-up", because: `not within ${deadline_s} s` }),
  },
  { when: "otherwise: wait", fits: () => true, progress: () => ({ is: "wait" }) },
];

export const moveProgress = (facts: MoveFacts): MoveProgress =>
  moveTable.find(({ fits }) => fits(facts))?.progress(facts) ?? { is: "wait" };
