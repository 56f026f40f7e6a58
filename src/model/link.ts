import type { UnreachableCause } from "./observation.ts";

/** What the agent's link to one Redis is. */
export type LinkState =
  /** No connection yet, or it just broke: nobody has been told that the server is gone. `closed` in a row hung up at once. */
  | { is: "connecting"; closed: number }
  | { is: "up" }
  /** The server answers that it has no room for us: it lives. */
  | { is: "full" }
  /** Nobody answers there, since `at_ms`; told once. */
  | { is: "gone"; cause: UnreachableCause; at_ms: number; closed: number };

export type LinkEvent =
  | { on: "connected" }
  /** The connection that was up ended. `patient`: nobody waits for this server. */
  | { on: "broke"; cause: UnreachableCause; patient: boolean; at_ms: number }
  /** No connection came about. */
  | { on: "failed"; cause: UnreachableCause; at_ms: number }
  /** "max number of clients": the server said so, and hung up. */
  | { on: "no-room" };

/** What whoever keeps the link tells the agent, in this order, and when it dials again. */
export interface LinkReaction {
  state: LinkState;
  tell: readonly ("broke" | "gone" | "back")[];
  /** Undefined while the connection is up: `redial` is the usual interval. */
  dial?: "now" | "soon" | "redial" | undefined;
}
