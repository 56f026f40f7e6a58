import type { Cluster } from "../cluster/schema.ts";
import type { Observation } from "../model/observation.ts";
import { failedObservation, observeSession } from "../redis/observe.ts";
import type { Endpoint, OpenSession } from "../redis/session.ts";
import { drainRequested } from "../state/drain.ts";
import { reportRequested } from "../state/report-request.ts";

/** What the health check reads from the local Redis. */
export interface LocalReading {
  seen: Observation;
  /** Another host has subscribed to the drain channel. */
  drainRequested: boolean;
  /** Another host waits for what only this one knows. */
  reportRequested: boolean;
}

// A server that changes `bind` may refuse one connection; a server that was killed refuses the next one too.
const askAgainAfter_ms = 10;

/** Observes the local Redis. If it doesn't answer, it is observed a second time: this makes `fall 1` safe. */
export async function readLocalRedis(cluster: Cluster, endpoint: Endpoint, open: OpenSession): Promise<LocalReading> {
  const first = await askOnce(cluster, endpoint, open);
  if (first.seen.kind !== "unreachable") return first;
  await new Promise((resolve) => setTimeout(resolve, askAgainAfter_ms));
  return askOnce(cluster, endpoint, open);
}

async function askOnce(cluster: Cluster, endpoint: Endpoint, open: OpenSession): Promise<LocalReading> {
  try {
    // Not closed here, which would cost a millisecond: it closes when the monitor exits.
    const session = await open(endpoint, cluster.monitor.timeout * 1000);
    const drain = drainRequested(session, cluster).catch(() => false);
    const report = reportRequested(session, cluster).catch(() => false);
    const seen = await observeSession(session);
    return { seen, drainRequested: await drain, reportRequested: await report };
  } catch (error) {
    return { seen: failedObservation(endpoint, error), drainRequested: false, reportRequested: false };
  }
}
