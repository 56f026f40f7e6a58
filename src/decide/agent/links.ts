import type { AgentEvent, AgentFacts, AgentRow, Reaction, Task } from "../../model/agent.ts";
import type { Observed } from "../../model/observation.ts";
import { copiesFrom } from "../situation.ts";
import { lookForOtherMaster } from "./other-master.ts";
import { latestTransition, requestTask, requestTransition } from "./role-change.ts";

type Broke = Extract<AgentEvent, { on: "link-broke" }>;
type Gone = Extract<AgentEvent, { on: "link-gone" }>;
type Back = Extract<AgentEvent, { on: "link-back" }>;

// Keepalived must be scheduled before this process, and may need this processor.
const checkAfterLoss_ms = 20;

const isLocal = ({ now, event }: AgentFacts<Broke | Gone | Back>): boolean => event.node === now.node;

/** A holder, or a node that becomes one, loses only replicas. In maintenance an operator is responsible. */
const neverParks = ({ state, now }: AgentFacts): boolean =>
  now.holdsVip || latestTransition(state) === "MASTER" || now.maintenance;

const park = (facts: AgentFacts<Broke | Gone>, lost: Task["lost"]): Reaction =>
  requestTask(facts, { parkReplicaOf: facts.event.node, lost });

/** The connection to a Redis broke. Its server may still run: CLIENT KILL breaks connections, too. */
export const linkBroke: readonly AgentRow<Broke>[] = [
  { when: "it is the local Redis: nothing yet", fits: isLocal, reaction: () => ({}) },
  {
    when: "this node is the holder or becomes master, or maintenance is on: nothing",
    fits: neverParks,
    reaction: () => ({}),
  },
  {
    when: "park the local replica, if it copies from that server and its own link is down, too",
    fits: () => true,
    reaction: (facts) => park(facts, "connection"),
  },
];

/** No server answers there: the connection is refused, or there is no reply for `agent.timeout`. */
export const linkGone: readonly AgentRow<Gone>[] = [
  {
    when: "it is the local Redis, and maintenance is on: log it",
    fits: (facts) => isLocal(facts) && facts.now.maintenance,
    reaction: (facts) => ({ effects: [logGone(facts)] }),
  },
  {
    when: "it is the local Redis: tell Keepalived at once that this node is unfit, check it soon, and log it",
    fits: isLocal,
    reaction: (facts) => ({
      state: { local: { ...facts.state.local, down: true } },
      effects: [{ do: "tell-health", fit: 0 }, { do: "check", after_ms: checkAfterLoss_ms }, logGone(facts)],
    }),
  },
  {
    when: "this node is the holder or becomes master, or maintenance is on: log it",
    fits: neverParks,
    reaction: (facts) => ({ effects: [logGone(facts)] }),
  },
  {
    when: "park the local replica, if it copies from that server, and log the loss",
    fits: () => true,
    reaction: (facts) => {
      const { state, effects = [] } = park(facts, "server");
      return { ...(state && { state }), effects: [...effects, logGone(facts)] };
    },
  },
];

const logGone = ({ now, event: { node, why, detail } }: AgentFacts<Gone>) => {
  const message = `${node === now.node ? "the local Redis" : node} does not answer: ${why}`;
  return { do: "log", level: "warn", event: "redis-gone", message, fields: { peer: node, detail } } as const;
};

/** A Redis answers again, or for the first time. */
export const linkBack: readonly AgentRow<Back>[] = [
  {
    when: "it is the local Redis: check it, and read its run id, which tells whether it was restarted",
    fits: isLocal,
    reaction: () => ({ effects: [{ do: "check" }, { do: "read-local" }] }),
  },
  {
    when: "it is a peer, and this node is the holder: ask the peers whether one of them is master, too",
    fits: ({ now }) => now.holdsVip,
    reaction: (facts) => {
      const { effects = [] } = lookForOtherMaster(facts);
      return { effects: [{ do: "check" }, logBack(facts), ...effects] };
    },
  },
  {
    when: "it is a peer, and Keepalived said FAULT last: carry FAULT out again, which may follow that peer",
    fits: ({ state }) => state.vrrp === "FAULT",
    reaction: (facts) => checkAndRequest(facts, "FAULT"),
  },
  {
    when: "it is a peer: carry BACKUP out, which may follow that peer",
    fits: () => true,
    reaction: (facts) => checkAndRequest(facts, "BACKUP"),
  },
];

function checkAndRequest(facts: AgentFacts<Back>, transition: "FAULT" | "BACKUP"): Reaction {
  const { state, effects = [] } = requestTransition(facts, transition);
  return { ...(state && { state }), effects: [{ do: "check" }, logBack(facts), ...effects] };
}

const logBack = ({ event }: AgentFacts<Back>) =>
  ({
    do: "log",
    level: "info",
    event: "redis-back",
    message: `${event.node} answers${event.before ? ` (before: ${event.before})` : ""}`,
    fields: { peer: event.node, before: event.before },
  }) as const;

/** The situation when a task that parks the local replica starts. */
export interface LossFacts {
  ours: Observed;
  lost: Task["lost"];
  peer: { host: string; port: number };
  holdsVip: boolean;
}

/**
 * The master of the local replica was lost. If it comes back empty, Redis would copy that at once. A parked replica keeps its
 * data until histories have been compared.
 */
export const lossTable: readonly { when: string; fits(facts: LossFacts): boolean; park: boolean }[] = [
  {
    when: "the local Redis does not copy from that peer, or the virtual IP is here by now: nothing",
    fits: ({ ours, peer, holdsVip }) => !copiesFrom(ours, peer) || holdsVip,
    park: false,
  },
  {
    // If only the agent's connection broke, the master still runs. A full copy that is interrupted starts again from the
    // beginning, and never ends where each one stalls the master.
    when: "a full copy is running: nothing",
    fits: ({ ours }) => ours.source?.syncing === true,
    park: false,
  },
  {
    when: "only the agent's connection broke, and the replica's own link is up: nothing",
    fits: ({ ours, lost }) => lost === "connection" && ours.source?.link === "up",
    park: false,
  },
  { when: "park the local replica", fits: () => true, park: true },
];

export const parksAfterLoss = (facts: LossFacts): boolean => lossTable.find(({ fits }) => fits(facts))?.park === true;
