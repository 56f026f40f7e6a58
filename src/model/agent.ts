import type { Fields, Level } from "./log.ts";
import type { LogEvent } from "./log-events.ts";
import type { Observation, Reachability } from "./observation.ts";
import type { Transition } from "./transition.ts";
import type { Verdict } from "./verdict.ts";

/** The log line for a change of the verdict. */
export interface VerdictChange {
  level: Level;
  message: string;
  fields: Fields;
}

/** A change of the local Redis' role without a transition: the local replica is parked if it copies from this peer. */
export interface Task {
  parkReplicaOf: string;
  /** What is gone: only the agent's connection to the peer, or the peer's Redis. */
  lost: "connection" | "server";
}

/** The agent's state for one cluster. The tables in decide/agent/ read it and return the next one. Times: as `at_s` of AgentNow. */
export interface AgentState {
  /** The last VRRP state that Keepalived reported. */
  vrrp: Transition | undefined;
  /** The queue of role changes: at most one is running, and at most one transition and one task wait. */
  roleChange: {
    running?: Transition | Task | undefined;
    next?: Transition | undefined;
    task?: Task | undefined;
  };
  local: {
    /** The last observation of the local Redis. */
    seen: Observation | undefined;
    /** Its run_id when the connection to it last came up. */
    runId: string | undefined;
    /** It is gone, so this node is unfit, even if an observation that began earlier says otherwise. */
    down: boolean;
    parked_s: number;
    /** Its offset grows: clients write. */
    busy: boolean;
  };
  health: {
    verdict: Verdict | undefined;
    /** A change of the verdict that has not been logged yet. */
    unlogged: VerdictChange | undefined;
    /** What was last written to the agent health file (1: fit), and when. */
    told: 0 | 1 | undefined;
    told_s: number;
  };
  repaired_s: number;
  stepDown: { underWay: boolean; staysLogged: boolean };
  /** Since when Keepalived does not run, and whether the log says so. */
  keepalivedDead: { since_s: number | undefined; logged: boolean };
  fence: {
    /** What this agent last set in this process of Redis (`runId`); undefined: nothing yet. */
    on: boolean | undefined;
    runId: string;
    asking: boolean;
  };
  failback: {
    syncedSince_s: number | undefined;
    drainingSince_s: number | undefined;
    notBefore_s: number;
    /** How many failbacks in a row were given up. */
    givenUp: number;
  };
  /** This node announces that it would take the virtual IP. */
  readyAnnounced: boolean;
}

/** The facts at the moment of an event. */
export interface AgentNow {
  /** Seconds since boot. */
  at_s: number;
  holdsVip: boolean;
  maintenance: boolean;
  /** The drain track file says that this node is being drained. */
  draining: boolean;
  /** Whether each peer's Redis answers. */
  peers: Readonly<Record<string, Reachability>>;
  node: string;
  /** The node with the highest priority, and its address. */
  preferred: { name: string; host: string };
  failback: "manual" | "auto";
  elasticFence: boolean;
  /** The cluster file names witnesses. */
  witnesses: boolean;
}

export type AgentEvent =
  /** Keepalived wrote a line to the FIFO. */
  | { on: "vrrp-line"; state: string }
  /** Keepalived closed the FIFO: it stopped, reloads, or died. */
  | { on: "fifo-closed" }
  /** The result of `watch-keepalived`. `dead`: Keepalived died, and the virtual IP is still on this host. */
  | { on: "keepalived-watched"; dead: boolean }
  | { on: "stepped-down" }
  | { on: "second"; keepalivedRuns: boolean }
  /** The connection to the Redis of `node` broke. */
  | { on: "link-broke"; node: string }
  /** The Redis of `node` does not answer any more. */
  | { on: "link-gone"; node: string; why: string; detail: string }
  /** The Redis of `node` answers again, or for the first time. `before`: why the last connection or attempt failed. */
  | { on: "link-back"; node: string; before?: string | undefined }
  /** The local Redis was observed after the connection to it came back. */
  | { on: "local-read"; seen: Observation }
  | { on: "local-parked"; runId: string; keys: number }
  /** A health check ended. `holder`: this host had the virtual IP when the check began. */
  | {
      on: "checked";
      verdict: Verdict;
      holder: boolean;
      seen: Observation | undefined;
      change: VerdictChange | undefined;
    }
  /** Clients are blocked or unblocked, as the health check requires. */
  | { on: "client-access-set"; holder: boolean }
  | { on: "health-told"; fit: 0 | 1 }
  /** The health check found that this transition must be carried out again. */
  | { on: "repair-due"; transition: Transition }
  | { on: "other-master-looked"; because: "sole-master" | "repair"; found: boolean }
  | { on: "role-change-ended"; parked: boolean }
  /** `ready`: its agent announces that it would take the virtual IP. */
  | { on: "preferred-read"; seen: Observation; ready: boolean }
  /** The local Redis ended the connection over which readiness was announced. */
  | { on: "announcement-ended" }
  /** The clients of the local Redis are blocked, so this node can be drained. */
  | { on: "blocked-to-drain" }
  | { on: "drain-failed"; error: string }
  /** The result of `read-surroundings`: what the elastic fence depends on. */
  | { on: "surroundings-read"; otherMaster: boolean; witnessed: boolean }
  | { on: "fence-set"; fence: boolean; done: boolean }
  | { on: "stopping" };

export type AgentEffect =
  | { do: "transition"; transition: Transition }
  /** Keepalived of another node was heard, so no peer counts as gone any more until it was asked again. */
  | { do: "forget-silence" }
  /** Tells the other nodes, over the local Redis, that this node would take the virtual IP. */
  | { do: "announce-ready"; on: boolean }
  | { do: "task"; task: Task }
  | { do: "check"; after_ms?: number }
  /** Writes the agent health file. */
  | { do: "tell-health"; fit: 0 | 1 }
  | { do: "block-clients"; holder: boolean }
  | { do: "unblock-clients"; holder: boolean }
  /** For two seconds, or until Keepalived is dead or the virtual IP has left. */
  | { do: "watch-keepalived" }
  | { do: "step-down" }
  /** Logs that Keepalived does not run, and why if its configuration tells. */
  | { do: "tell-keepalived-dead" }
  | { do: "look-for-other-master"; because: "sole-master" | "repair" }
  | { do: "read-local"; after_ms?: number }
  | { do: "park-local"; runId: string; keys: number }
  | { do: "read-preferred" }
  | { do: "block-to-drain" }
  | { do: "start-drain" }
  | { do: "end-drain" }
  | { do: "read-surroundings"; masters: boolean; witnesses: boolean }
  | { do: "set-fence"; on: boolean }
  | { do: "log"; level: Level; event: LogEvent; message: string; fields?: Fields };

/** The result of a row: the changes of the state, and the effects to run. */
export interface Reaction {
  state?: Partial<AgentState>;
  effects?: AgentEffect[];
}

export interface AgentFacts<E extends AgentEvent = AgentEvent> {
  state: AgentState;
  now: AgentNow;
  event: E;
}

/** One row of a table of the agent. The first row that fits the event decides. */
export interface AgentRow<E extends AgentEvent = AgentEvent> {
  /** The condition and the reaction in one sentence, for docs/decisions.md. */
  when: string;
  fits(facts: AgentFacts<E>): boolean;
  reaction(facts: AgentFacts<E>): Reaction;
}
