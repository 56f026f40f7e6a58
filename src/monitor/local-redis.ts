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
// One answer in a hundred of a healthy Redis takes longer, on a busy host (src/cluster/rules.ts).
const secondWait_ms = 110;

/**
 * Observes the local Redis. If it doesn't answer, it is observed a second time: this makes `fall 1` safe. `endedBySigterm`: in a process
 * that Keepalived ends so.
 */
export async function readLocalRedis(
  cluster: Cluster,
  endpoint: Endpoint,
  open: OpenSession,
  endedBySigterm: boolean,
): Promise<LocalReading> {
  const first = await askOnce(cluster, endpoint, open);
  if (first.seen.kind !== "unreachable") return first;
  await new Promise((resolve) => setTimeout(resolve, askAgainAfter_ms));
  const second = askOnce(cluster, endpoint, open);
  return endedBySigterm ? untilSigterm(second, first) : second;
}

/**
 * Where Node.js starts so slowly that Keepalived ends the check before the second deadline, the first one counts, once the second question
 * has waited too. Else a Redis that hangs on such a host stays master as long as the last check that had time counts (10 s; a script of
 * 8 s moved nothing).
 */
async function untilSigterm(second: Promise<LocalReading>, first: LocalReading): Promise<LocalReading> {
  let end: () => void = () => undefined;
  const ended = new Promise<LocalReading>((resolve) => {
    end = () => resolve(first);
  });
  // Before, SIGTERM ends this process, which tells nothing of Redis.
  const timer = setTimeout(() => process.once("SIGTERM", end), secondWait_ms);
  return Promise.race([second, ended]).finally(() => {
    clearTimeout(timer);
    process.removeListener("SIGTERM", end);
  });
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
