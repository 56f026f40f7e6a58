import type { Fields, Level } from "./log.ts";
import type { LogEvent } from "./log-events.ts";
import type { Observation, Reachability } from "./observation.ts";
import type { Transition } from "./transition.ts";
import type { Verdict } from "./verdict.ts";

/** What a change of the verdict is worth to the log. */
export interface VerdictChange {
  level: Level;
  message: string;
  fields: Fields;
}

/** One change of the local Redis' role that no transition asked for: our replica is parked, should it copy from `peer`. */
export interface Task {
  parkReplicaOf: string;
  /** What was lost: our own connection to the peer, or the server. */
  lost: "connection" | "server";
}

/** What the agent knows of its cluster. The tables in decide/agent/ read it, and say what it is next. Times: see AgentNow. */
export interface AgentState {
  /** What Keepalived said last of this node. */
  vrrp: Transition | undefined;
  /** The one queue of role changes: at most one is carried out, and one transition and one task wait. */
  roleChange: {
    running?: Transition | Task | undefined;
    next?: Transition | undefined;
    task?: Task | undefined;
  };
  local: {
    /** The last reading of the local Redis. */
    seen: Observation | undefined;
    /** Its process when its link came up last. */
    runId: string | undefined;
    /** It is gone: unfit, whatever a reading that began before says. */
    down: boolean;
    parked_s: number;
    /** Its history grows: somebody writes. */
    busy: boolean;
  };
  health: {
    verdict: Verdict | undefined;
    /** A change of the verdict that is not in the log yet. */
    unlogged: VerdictChange | undefined;
    /** What Keepalived was told last by the agent health file, 1 for fit, and when. */
    told: 0 | 1 | undefined;
    told_s: number;
  };
  repaired_s: number;
  stepDown: { underWay: boolean; staysLogged: boolean };
  /** The end of Keepalived was logged. */
  keepalivedDeadLogged: boolean;
  fence: {
    /** As this agent set it in this process of Redis; undefined where an agent before it, or nobody, did. */
    on: boolean | undefined;
    runId: string;
    asking: boolean;
  };
  failback: { syncedSince_s: number | undefined; drainingSince_s: number | undefined; notBefore_s: number };
}

/** What holds at the moment of an event, read when it comes. */
export interface AgentNow {
  /** Seconds since boot. */
  at_s: number;
  holdsVip: boolean;
  maintenance: boolean;
  /** The drain track file drains this node. */
  draining: boolean;
  /** How each peer's Redis was last heard of. */
  peers: Readonly<Record<string, Reachability>>;
  node: string;
  /** The node with the highest priority, and where its Redis is. */
  preferred: { name: string; host: string };
  failback: "manual" | "auto";
  elasticFence: boolean;
  /** Witnesses are named in the cluster file. */
  witnesses: boolean;
}

export type AgentEvent =
  /** Keepalived wrote a line into the FIFO. */
  | { on: "vrrp-line"; state: string }
  /** Its last writer closed the FIFO: Keepalived stopped, reloads, or died. */
  | { on: "fifo-closed" }
  /** Keepalived was watched after that: it died and left the virtual IP here, or it did not. */
  | { on: "keepalived-watched"; dead: boolean }
  | { on: "stepped-down" }
  | { on: "second"; keepalivedRuns: boolean }
  /** The connection to a node's Redis broke. */
  | { on: "link-broke"; node: string }
  /** Nobody answers there any more. */
  | { on: "link-gone"; node: string; why: string; detail: string }
  /** It answers again, or for the first time. */
  | { on: "link-back"; node: string }
  /** The local Redis was read after its link came back. */
  | { on: "local-read"; seen: Observation }
  | { on: "local-parked"; runId: string; keys: number }
  /** A health check ended. `holder`: the virtual IP was here when it began. */
  | {
      on: "checked";
      verdict: Verdict;
      holder: boolean;
      seen: Observation | undefined;
      change: VerdictChange | undefined;
    }
  /** Clients are blocked, or let in, as that check wants it. */
  | { on: "client-access-set"; holder: boolean }
  | { on: "health-told"; fit: 0 | 1 }
  /** The check found Redis not as this transition would have made it. */
  | { on: "repair-due"; transition: Transition }
  | { on: "other-master-looked"; because: "sole-master" | "repair"; found: boolean }
  | { on: "role-change-ended"; parked: boolean }
  | { on: "preferred-read"; seen: Observation }
  /** Our clients are blocked, so that this node can be drained. */
  | { on: "blocked-to-drain" }
  | { on: "drain-failed"; error: string }
  /** What the elastic fence depends on. */
  | { on: "surroundings-read"; otherMaster: boolean; witnessed: boolean }
  | { on: "fence-set"; fence: boolean; done: boolean }
  | { on: "stopping" };

export type AgentEffect =
  | { do: "transition"; transition: Transition }
  | { do: "task"; task: Task }
  | { do: "check"; after_ms?: number }
  /** Writes the agent health file. */
  | { do: "tell-health"; fit: 0 | 1 }
  | { do: "block-clients"; holder: boolean }
  | { do: "unblock-clients"; holder: boolean }
  /** Until it is dead, or the virtual IP has left, or two seconds have gone. */
  | { do: "watch-keepalived" }
  | { do: "step-down" }
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

/** What a row makes of an event: what changes in the state, and what is to be done. */
export interface Reaction {
  state?: Partial<AgentState>;
  effects?: AgentEffect[];
}

export interface AgentFacts<E extends AgentEvent = AgentEvent> {
  state: AgentState;
  now: AgentNow;
  event: E;
}

/** One row of a table of the agent: the first one that fits an event says what follows. */
export interface AgentRow<E extends AgentEvent = AgentEvent> {
  /** A sentence: read aloud, the table must make sense. */
  when: string;
  fits(facts: AgentFacts<E>): boolean;
  reaction(facts: AgentFacts<E>): Reaction;
}
