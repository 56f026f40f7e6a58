import type { Transition } from "../model/transition.ts";

/** What a hook knows before it reads any Redis. */
export interface HookFacts {
  transition: Transition;
  /** Started by the health check, to carry out once more what Keepalived asked for last. */
  repair: boolean;
  dryRun: boolean;
  /** A person said that losing data is better than not serving. */
  allowDataLoss: boolean;
  holdsVip: boolean;
  maintenance: boolean;
  agentAlive: boolean;
  /** Another hook of the same transition waits for the lock, so that it decides later than now. */
  sameWaits: boolean;
  /** Another hook holds the lock of this cluster. */
  lockHeld: boolean;
}

/** Why a hook leaves Redis as it is; `carry-out` where it does not. */
export type HookDecision = "superseded" | "maintenance" | "left-to-agent" | "carry-out";

export const hookTable: readonly { when: string; fits(facts: HookFacts): boolean; decision: HookDecision }[] = [
  {
    when: "a repair, and the virtual IP came or left since the check asked for it: nothing",
    fits: ({ repair, holdsVip, transition }) => repair && holdsVip !== (transition === "MASTER"),
    decision: "superseded",
  },
  {
    when: "--dry-run: decide, print the plan, change nothing",
    fits: ({ dryRun }) => dryRun,
    decision: "carry-out",
  },
  {
    when: "maintenance is on: nothing is changed",
    fits: ({ maintenance }) => maintenance,
    decision: "maintenance",
  },
  {
    // What a person says of lost data is said to this hook alone.
    when: "an agent lives, and no person gave --allow-data-loss: the agent does it",
    fits: ({ agentAlive, allowDataLoss }) => agentAlive && !allowDataLoss,
    decision: "left-to-agent",
  },
  {
    // Where adverts arrive one way only, Keepalived 2.2.7 calls notify_master twice a second: a queue of 5.8 s, and no turn for the agent.
    when: "another hook of the same transition waits already, and no person gave --allow-data-loss: that one does it",
    fits: ({ sameWaits, allowDataLoss }) => sameWaits && !allowDataLoss,
    decision: "superseded",
  },
  {
    when: "a repair, and another hook is at work: nothing",
    fits: ({ repair, lockHeld }) => repair && lockHeld,
    decision: "superseded",
  },
  {
    when: "carry the transition out, alone on this host",
    fits: () => true,
    decision: "carry-out",
  },
];

export const hookDecision = (facts: HookFacts): HookDecision =>
  hookTable.find(({ fits }) => fits(facts))?.decision ?? "carry-out";
