import { mayBeSlow } from "../decide/peer-gone.ts";
import type { Situation } from "../model/situation.ts";
import type { Transition } from "../model/transition.ts";
import type { Sessions } from "../redis/sessions.ts";
import { moveAnnounced } from "../state/drain.ts";
import type { PlanContext } from "./context.ts";

/**
 * Adds to a situation whether the role is moved here by a person or by failback, and that the transition has just begun. It is asked only
 * where it matters: a peer does not answer. If that lasts longer than `failover.handover_timeout`, the peer counts as hung, whoever moves
 * the role.
 */
export function plannedMove(
  { cluster, node }: PlanContext,
  sessions: Sessions,
  transition: Transition,
): (situation: Situation) => Promise<Situation> {
  const started_ms = performance.now();
  return async (situation) => {
    if (transition !== "MASTER" || !situation.peers.some(({ seen }) => mayBeSlow(seen))) return situation;
    if (performance.now() - started_ms > cluster.failover.handover_timeout * 1000) return situation;
    const announced = await sessions
      .of(node.name)
      .then((session) => moveAnnounced(session, cluster))
      .catch(() => false);
    return { ...situation, begun: true, planned: announced };
  };
}
