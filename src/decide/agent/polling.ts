import type { AgentState } from "../../model/agent.ts";
import type { Observation } from "../../model/observation.ts";

// The shortest interval while there are no writes: sending is a third of the CPU time of an agent for fifty clusters (measured).
const idle_ms = 250;
// The shortest interval to a peer of a master. A peer that hangs is not urgent to the master, and a broken connection is
// noticed without polling.
const peers_ms = 1000;
// Between two readings, which are a second apart. The PINGs of a master to its replicas are 14 bytes in ten seconds.
const fewBytes = 100;

/** Whether clients write. The history of a replica grows with its master's. */
export function growsByWrites(local: AgentState["local"], seen: Observation | undefined): boolean {
  if (seen?.kind !== "observed") return local.busy;
  const before = local.seen?.kind === "observed" ? local.seen.history.offset : 0;
  return Math.abs(seen.history.offset - before) > fewBytes;
}

/**
 * Milliseconds from one PING to the next, to the local Redis or to a peer's. A replica polls its master as often as the master's
 * agent does: when the replica must take over, it knows already that the master hangs, and need not wait for another time-out.
 */
export function pollingInterval_ms({ vrrp, local }: AgentState, isLocal: boolean, interval_ms: number): number {
  if (!isLocal && vrrp === "MASTER") return Math.max(interval_ms, peers_ms);
  return local.busy ? interval_ms : Math.max(interval_ms, idle_ms);
}

/**
 * A local replica that hangs delays no client, so it gets a second attempt before it counts as gone. A false alarm is expensive:
 * the replica is parked and may need a full copy (1 GB: 13 s in which no node could take over; that happened at one of 400 short
 * pauses on a busy host, npm run soak).
 */
export const isPatient = ({ vrrp }: AgentState, isLocal: boolean): boolean => isLocal && vrrp !== "MASTER";
