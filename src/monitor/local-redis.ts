import type { Cluster } from "../cluster/schema.ts";
import { failure, type Observation, observeSession } from "../redis/observe.ts";
import type { Endpoint, OpenSession } from "../redis/session.ts";

/** What the monitor hears from this node's own Redis. */
export interface Own {
  seen: Observation;
  /** Somebody listens on the drain channel. */
  drainAsked: boolean;
}

/**
 * Another node asks this one to give the virtual IP away by listening on this channel of our Redis: the wish needs
 * no other way between the hosts, leaves nothing in the data, and ends with whoever made it.
 */
export const drainChannel = (cluster: Cluster): string => `keepalived-redis:${cluster.name}:drain`;

// A server that refuses once may be between two listens; one that was killed refuses again.
const askAgainAfter_ms = 10;

/** Asks our own Redis, and a second time before it says that there was no answer: this is what makes `fall 1` safe. */
export async function askOwnRedis(cluster: Cluster, endpoint: Endpoint, open: OpenSession): Promise<Own> {
  const first = await askOnce(cluster, endpoint, open);
  if (first.seen.kind !== "unreachable") return first;
  await new Promise((resolve) => setTimeout(resolve, askAgainAfter_ms));
  return askOnce(cluster, endpoint, open);
}

async function askOnce(cluster: Cluster, endpoint: Endpoint, open: OpenSession): Promise<Own> {
  try {
    // Not closed: the monitor's end does that, and taking the socket down costs a millisecond.
    const session = await open(endpoint, cluster.monitor.timeout * 1000);
    const drain = session.ask("PUBSUB", "NUMSUB", drainChannel(cluster)).catch(() => undefined);
    const seen = await observeSession(session);
    return { seen, drainAsked: listeners(await drain) > 0 };
  } catch (error) {
    return { seen: failure(endpoint, error), drainAsked: false };
  }
}

const listeners = (reply: unknown): number => (Array.isArray(reply) ? Number(reply[1]) : 0);
