import type { AgentState } from "../../model/agent.ts";
import type { Observation } from "../../model/observation.ts";

// While nobody writes, a Redis is asked so often at most: waking up is most of what an agent costs (0.35 ms a question, measured).
const idle_ms = 100;
// To a master, a peer that hangs is that one's own business: only a broken connection is urgent, and that needs no asking.
const peers_ms = 1000;
// Between two readings, a second. A master's own PINGs to its replicas are 14 bytes in ten seconds.
const fewBytes = 100;

/** Somebody writes: the history of a replica grows with its master's. */
export function growsByWrites(local: AgentState["local"], seen: Observation | undefined): boolean {
  if (seen?.kind !== "observed") return local.busy;
  const before = local.seen?.kind === "observed" ? local.seen.history.offset : 0;
  return Math.abs(seen.history.offset - before) > fewBytes;
}

/**
 * Milliseconds from one question to the next, to the local Redis or to a peer's. A replica must know that its master hangs when it
 * is told to take over, and not find out then, for another time-out: so it asks as often as the master asks itself.
 */
export function pollingInterval_ms({ vrrp, local }: AgentState, isLocal: boolean, interval_ms: number): number {
  if (!isLocal && vrrp === "MASTER") return Math.max(interval_ms, peers_ms);
  return local.busy ? interval_ms : Math.max(interval_ms, idle_ms);
}

/**
 * A replica that stands still keeps nobody waiting, and a false alarm costs it dear: parked, it may need a full copy
 * (1 GB: 13 s in which nobody could take over; one of 400 short sleeps on a busy host, npm run soak). So its silence is patiently
 * tried once more.
 */
export const isPatient = ({ vrrp }: AgentState, isLocal: boolean): boolean => isLocal && vrrp !== "MASTER";
