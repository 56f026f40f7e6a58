import type { UnreachableCause } from "./observation.ts";

/** The state of the agent's connection to one Redis. */
export type LinkState =
  /**
   * No connection yet, or it just broke; the agent has not been told that the server is gone. `closed`: how many connections in
   * a row the server closed at once.
   */
  | { is: "connecting"; closed: number }
  | { is: "up" }
  /** The server is alive, but has reached `maxclients`. */
  | { is: "full"; closed: number }
  /** No answer since `at_ms`. The agent is told once. */
  | { is: "gone"; cause: UnreachableCause; at_ms: number; closed: number };

export type LinkEvent =
  | { on: "connected" }
  /** The connection was up and ended. `patient`: nobody waits for this server, see `silenceMeansGone` in decide/peer-gone.ts. */
  | { on: "broke"; cause: UnreachableCause; patient: boolean; at_ms: number }
  /** An attempt to connect failed. */
  | { on: "failed"; cause: UnreachableCause; at_ms: number }
  /** The server answered "max number of clients reached" and closed the connection. */
  | { on: "no-room" }
  /** Keepalived of another node was heard, so the network between the nodes is up. */
  | { on: "heard" };

/** What the agent is told, in this order, and when to connect again. */
export interface LinkReaction {
  state: LinkState;
  tell: readonly ("broke" | "gone" | "back")[];
  /** Undefined while the connection is up. `redial`: after the usual interval. */
  dial?: "now" | "soon" | "redial" | undefined;
}
