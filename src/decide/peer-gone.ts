import type { Observation, Reachability, UnreachableCause } from "../model/observation.ts";

/**
 * Is this peer gone? Transitions, the health check and the agent all decide it here.
 */

/** No Redis answers there: no plan uses it, and a replica that copies from it is parked. */
export const isGone = (seen: Observation): boolean => seen.kind === "unreachable";

/**
 * It serves its clients, but rejects our login or our commands, or has reached `maxclients`. A server that a script blocks
 * serves nobody, and is treated like one that hangs.
 */
export const servesOthers = (seen: Observation): boolean => seen.kind === "rejected" && seen.why !== "busy";

/**
 * A server that did not answer within `agent.timeout` is gone at once. If nobody waits for it (`patient`), a new connection is
 * tried first: a false alarm would park a replica.
 */
export const silenceMeansGone = (why: UnreachableCause, patient: boolean): boolean => why === "timeout" && !patient;

/** It gave no answer, but its host did not say that nobody listens there: it may be slow. */
export const mayBeSlow = (seen: Observation): boolean => seen.kind === "unreachable" && seen.why !== "refused";

/** A silent peer may have become master. A peer whose host refuses the connection has not. */
export const unseenMasterPossible = (peers: readonly Reachability[]): boolean => peers.includes("silent");
