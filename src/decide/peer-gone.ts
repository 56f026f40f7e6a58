import type { Observation, Reachability, UnreachableCause } from "../model/observation.ts";

/**
 * Is this peer gone? The one place that says so, for transitions, health check and agent.
 */

/** Nobody answers there: no plan counts on it, and one that copied from it is parked. */
export const isGone = (seen: Observation): boolean => seen.kind === "unreachable";

/**
 * It lives and serves others, but rejects our login, or has no room for us. One that is blocked by a script serves nobody: it is
 * given up like one that hangs.
 */
export const servesOthers = (seen: Observation): boolean => seen.kind === "rejected" && seen.why !== "busy";

/**
 * A connection that said nothing for `agent.timeout` is given up at once, unless nobody waits for that server (`patient`): then it
 * is tried once more over a new connection, since a false alarm costs a replica dear.
 */
export const silenceIsDeath = (why: UnreachableCause, patient: boolean): boolean => why === "timeout" && !patient;

/** A peer that can't be seen may have become master. One whose host says that nobody listens has not. */
export const mayBeMasterUnseen = (peers: readonly Reachability[]): boolean => peers.includes("silent");
