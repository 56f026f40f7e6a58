import type { AgentEvent, AgentFacts, AgentRow } from "../../model/agent.ts";

type Second = Extract<AgentEvent, { on: "second" }>;

/** Keepalived runs here, knows that this node is fit, and does not hold the virtual IP yet. */
const ready = ({ state, now, event }: AgentFacts<Second>): boolean =>
  event.keepalivedRuns && state.health.told === 1 && !now.holdsVip;

/** Every second: no other node can see whether Keepalived runs here. A failback to a node without it is an outage. */
export const announceReady: readonly AgentRow<Second>[] = [
  {
    when: "it is announced already whether this node would take the virtual IP: nothing",
    fits: (facts) => ready(facts) === facts.state.readyAnnounced,
    reaction: () => ({}),
  },
  {
    when: "announce on the local Redis that this node would take the virtual IP (Keepalived runs, this node is fit and not the holder), or end that",
    fits: () => true,
    reaction: (facts) => ({
      state: { readyAnnounced: ready(facts) },
      effects: [{ do: "announce-ready", on: ready(facts) }],
    }),
  },
];

export const announcementEnded: readonly AgentRow<Extract<AgentEvent, { on: "announcement-ended" }>>[] = [
  {
    when: "announce it again in the next second",
    fits: () => true,
    reaction: () => ({ state: { readyAnnounced: false } }),
  },
];
