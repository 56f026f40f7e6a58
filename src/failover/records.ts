import { peersOf } from "../cluster/local-node.ts";
import type { Node } from "../cluster/schema.ts";
import { mayBeSlow } from "../decide/peer-gone.ts";
import { stopRemembered } from "../decide/stopped-before.ts";
import type { Observed } from "../model/observation.ts";
import type { Situation } from "../model/situation.ts";
import { openConnection } from "../redis/connection.ts";
import { observeSession } from "../redis/observe.ts";
import { observeNode } from "../redis/observe-cluster.ts";
import { endpointOf } from "../redis/session.ts";
import type { Sessions } from "../redis/sessions.ts";
import { forgetMaster } from "../state/last-verdict.ts";
import { endResignation, rememberPromotion, resign } from "../state/resignation.ts";
import { rememberServed } from "../state/served.ts";
import type { PlanContext, TransitionRequest } from "./context.ts";

// A host that is up answers a connection within a millisecond.
const probe_ms = 300;

/** A transition begins. FAULT and STOP: this node says itself that it can't be the holder. */
export function rememberBegin(context: PlanContext, { transition, holdsVip }: TransitionRequest): void {
  const { paths } = context;
  if (transition === "FAULT" || transition === "STOP") attempt(context, () => resign(paths.resigned));
  if (transition !== "MASTER" && !holdsVip()) attempt(context, () => forgetMaster(paths.verdict));
}

/** Keepalived stops here. What other nodes serve from now on is not known at the next start, unless they answer. */
export function rememberStop(context: PlanContext, situation: Situation): void {
  const record = stopRemembered(situation);
  if (record) attempt(context, () => rememberServed(context.paths.served, record));
}

/**
 * After MASTER: this node's own resignation has ended. If it was promoted, each node whose Redis or host answered then had resigned, or
 * Keepalived would not have given this node the virtual IP. A node of which nothing is heard may be cut off, and still serve.
 * `promotedOn`: what the promotion was decided on.
 */
export async function rememberMaster(
  context: PlanContext,
  sessions: Sessions,
  promotedOn: Situation | undefined,
): Promise<void> {
  const { node, paths, cluster } = context;
  const ours = await observeNode(context, sessions, node);
  if (ours.kind !== "observed" || ours.role !== "master") return;
  attempt(context, () => endResignation(paths.resigned));
  if (!promotedOn) return;
  const resigned = await Promise.all(
    peersOf(cluster, node).map(async (peer) => {
      const had = hungAt(promotedOn, peer) || (await hasResigned(context, sessions, peer));
      return had ? [peer.name] : [];
    }),
  );
  const promotion = { id: ours.history.id, resigned: resigned.flat(), ...ownResignation(promotedOn, ours) };
  attempt(context, () => rememberPromotion(paths.promotion, promotion));
  context.log.debug("promotion-remembered", "remembered who had resigned", {
    resigned: resigned.flat(),
    of: cluster.name,
  });
}

/** This node resigned as the master of the history that it was promoted out of now, and had served it as far as its record says. */
function ownResignation({ node, served }: Situation, { history }: Observed): { resignedAt?: number } {
  const own = served?.by === node.name && served.history.id === history.previous?.id;
  return node.resigned && own ? { resignedAt: served.history.offset } : {};
}

/**
 * Its Redis hung when this node was about to be promoted. It may answer as master again a moment later: a script of 3 s has ended
 * (test/lab/right-winner.test.ts).
 */
const hungAt = ({ peers }: Situation, { name }: Node): boolean =>
  peers.some((peer) => peer.name === name && peer.seen.kind === "unreachable" && peer.seen.hung === true);

/**
 * Read after the promotion: a peer that answers as master was cut off until now, and has not resigned. One that accepts a connection and
 * then gives no answer hangs. It is asked over a connection of its own: what is known of a link may be older than its return.
 */
async function hasResigned(context: PlanContext, sessions: Sessions, peer: Node): Promise<boolean> {
  const seen = await observeNode(context, sessions, peer);
  if (seen.kind === "observed") return seen.role !== "master";
  if (!mayBeSlow(seen)) return true;
  const session = await openConnection(endpointOf(context.cluster, peer, context.password), probe_ms).catch(
    () => undefined,
  );
  if (!session) return false;
  const again = await observeSession(session);
  session.close();
  return again.kind !== "observed" || again.role !== "master";
}

function attempt({ log }: PlanContext, write: () => void): void {
  try {
    write();
  } catch (error) {
    log.warn("record-failed", "can't remember who resigned or stopped; after a split or a start it may matter", {
      error: (error as Error).message,
    });
  }
}
