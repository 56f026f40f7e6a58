import type { AgentEvent, AgentFacts, AgentRow, Reaction, Task } from "../../model/agent.ts";
import type { Observed } from "../../model/observation.ts";
import { copiesFrom } from "../situation.ts";
import { lookForOtherMaster } from "./other-master.ts";
import { aim, send, want } from "./role-change.ts";

type Broke = Extract<AgentEvent, { on: "link-broke" }>;
type Gone = Extract<AgentEvent, { on: "link-gone" }>;
type Back = Extract<AgentEvent, { on: "link-back" }>;

// Keepalived has to run now, and may have to on this processor.
const checkAfterLoss_ms = 20;

const isLocal = ({ now, event }: AgentFacts<Broke | Gone | Back>): boolean => event.node === now.node;

/** This node serves, or is about to, or an operator is at work: what is lost is no master of ours. */
const keepsReplica = ({ state, now }: AgentFacts): boolean =>
  now.holdsVip || aim(state) === "MASTER" || now.maintenance;

const park = (facts: AgentFacts<Broke | Gone>, lost: Task["lost"]): Reaction =>
  send(facts, { parkReplicaOf: facts.event.node, lost });

/** The connection to a Redis broke. That alone is no death: somebody may have said CLIENT KILL. */
export const linkBroke: readonly AgentRow<Broke>[] = [
  { when: "it is the local Redis: nothing yet", fits: isLocal, reaction: () => ({}) },
  {
    when: "this node holds the virtual IP, becomes master, or maintenance is on: nothing",
    fits: keepsReplica,
    reaction: () => ({}),
  },
  {
    when: "park our replica, should it copy from there and its own link be down, too",
    fits: () => true,
    reaction: (facts) => park(facts, "connection"),
  },
];

/** Nobody answers there: refused, or silent for `agent.timeout`. */
export const linkGone: readonly AgentRow<Gone>[] = [
  {
    when: "it is the local Redis, and maintenance is on: only a line in the log",
    fits: (facts) => isLocal(facts) && facts.now.maintenance,
    reaction: (facts) => ({ effects: [logGone(facts)] }),
  },
  {
    when: "it is the local Redis: unfit at once, for the peers are waiting",
    fits: isLocal,
    reaction: (facts) => ({
      state: { local: { ...facts.state.local, down: true } },
      effects: [{ do: "tell-health", fit: 0 }, { do: "check", after_ms: checkAfterLoss_ms }, logGone(facts)],
    }),
  },
  {
    when: "this node holds the virtual IP, becomes master, or maintenance is on: only a line in the log",
    fits: keepsReplica,
    reaction: (facts) => ({ effects: [logGone(facts)] }),
  },
  {
    when: "park our replica, should it copy from there",
    fits: () => true,
    reaction: (facts) => {
      const { state, effects = [] } = park(facts, "server");
      return { ...(state && { state }), effects: [...effects, logGone(facts)] };
    },
  },
];

const logGone = ({ now, event: { node, why, detail } }: AgentFacts<Gone>) => {
  const message = node === now.node ? `our Redis is gone: ${why}` : `${node} is gone: ${why}`;
  return { do: "log", level: "warn", event: "redis-gone", message, fields: { peer: node, detail } } as const;
};

/** It answers again, or for the first time. */
export const linkBack: readonly AgentRow<Back>[] = [
  {
    when: "it is the local Redis: read it, for it may be another process than before",
    fits: isLocal,
    reaction: () => ({ effects: [{ do: "check" }, { do: "read-local" }] }),
  },
  {
    when: "a peer, and this node holds the virtual IP: is that one master, too?",
    fits: ({ now }) => now.holdsVip,
    reaction: (facts) => {
      const { effects = [] } = lookForOtherMaster(facts);
      return { effects: [{ do: "check" }, logBack(facts), ...effects] };
    },
  },
  {
    when: "a peer, and Keepalived said FAULT last: carry FAULT out, which may follow it",
    fits: ({ state }) => state.vrrp === "FAULT",
    reaction: (facts) => wantAfterReturn(facts, "FAULT"),
  },
  {
    when: "a peer: carry BACKUP out, which may follow it",
    fits: () => true,
    reaction: (facts) => wantAfterReturn(facts, "BACKUP"),
  },
];

function wantAfterReturn(facts: AgentFacts<Back>, transition: "FAULT" | "BACKUP"): Reaction {
  const { state, effects = [] } = want(facts, transition);
  return { ...(state && { state }), effects: [{ do: "check" }, logBack(facts), ...effects] };
}

const logBack = ({ event }: AgentFacts<Back>) =>
  ({
    do: "log",
    level: "info",
    event: "redis-back",
    message: `${event.node} answers`,
    fields: { peer: event.node },
  }) as const;

/** What the task of parking our replica finds when its turn has come. */
export interface LossFacts {
  ours: Observed;
  lost: Task["lost"];
  peer: { host: string; port: number };
  holdsVip: boolean;
}

/**
 * A node that our replica copies from was lost, and may come back with nothing, which Redis would copy at once: parked, our
 * replica keeps what it has until histories have been compared.
 */
export const lossTable: readonly { when: string; fits(facts: LossFacts): boolean; park: boolean }[] = [
  {
    when: "our replica copies from somebody else, or the virtual IP is here by now: nothing",
    fits: ({ ours, peer, holdsVip }) => !copiesFrom(ours, peer) || holdsVip,
    park: false,
  },
  {
    // Where only our own connection broke the master lives, and a full copy that is broken off begins anew, for ever where each
    // one stalls the master.
    when: "a full copy goes on: leave it alone",
    fits: ({ ours }) => ours.source?.syncing === true,
    park: false,
  },
  {
    when: "only our connection broke, and the replica's own link is up: nothing",
    fits: ({ ours, lost }) => lost === "connection" && ours.source?.link === "up",
    park: false,
  },
  { when: "park it", fits: () => true, park: true },
];

export const parksAfterLoss = (facts: LossFacts): boolean => lossTable.find(({ fits }) => fits(facts))?.park === true;
