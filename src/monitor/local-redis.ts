import type { Cluster } from "../cluster/schema.ts";
import type { Observation } from "../model/observation.ts";
import { failedObservation, observeSession } from "../redis/observe.ts";
import type { Endpoint, OpenSession } from "../redis/session.ts";
import { drainRequested } from "../state/drain.ts";

/** What the monitor hears from this node's own Redis. */
export interface LocalReading {
  seen: Observation;
  /** Somebody listens on the drain channel. */
  drainAsked: boolean;
}

// A server that refuses once may be between two listens; one that was killed refuses again.
const askAgainAfter_ms = 10;

/** Asks our own Redis, and a second time before it says that there was no answer: this is what makes `fall 1` safe. */
export async function readLocalRedis(cluster: Cluster, endpoint: Endpoint, open: OpenSession): Promise<LocalReading> {
  const first = await askOnce(cluster, endpoint, open);
  if (first.seen.kind !== "unreachable") return first;
  await new Promise((resolve) => setTimeout(resolve, askAgainAfter_ms));
  return askOnce(cluster, endpoint, open);
}

async function askOnce(cluster: Cluster, endpoint: Endpoint, open: OpenSession): Promise<LocalReading> {
  try {
    // Not closed: the monitor's end does that, and taking the socket down costs a millisecond.
    const session = await open(endpoint, cluster.monitor.timeout * 1000);
    const drain = drainRequested(session, cluster).catch(() => false);
    const seen = await observeSession(session);
    return { seen, drainAsked: await drain };
  } catch (error) {
    return { seen: failedObservation(endpoint, error), drainAsked: false };
  }
}
