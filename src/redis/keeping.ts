import type { Cluster } from "../cluster/schema.ts";
import { parkedAt } from "../decide/situation.ts";
import type { Observation } from "../model/observation.ts";
import { subscribe, subscribers } from "./commands.ts";
import type { Session } from "./session.ts";

/**
 * A server that is about to follow is a fenced master while what only it has is kept: a parked one is promoted for that moment, since a
 * replica without a master refuses to be copied from. It is no master that anybody may follow or yield to: both nodes followed the other one
 * (seed 1502 of chaos). So the node that keeps announces it at its Redis, as a subscriber of a channel, until its session ends.
 */
const channelOf = (cluster: Cluster): string => `keepalived-redis:${cluster.name}:keeping`;

export const announceKeeping = (session: Session, cluster: Cluster): Promise<unknown> =>
  subscribe(session, channelOf(cluster));

/** Whether the server of this session is master only to keep what it has. A server that does not say so is not. Never rejects. */
export const keepingAnnounced = (session: Session, cluster: Cluster): Promise<boolean> =>
  subscribers(session, channelOf(cluster)).then(
    (count) => count > 0,
    () => false,
  );

/** What it is otherwise: a parked replica with complete data. */
export function asParked(seen: Observation): Observation {
  if (seen.kind !== "observed" || seen.role === "replica") return seen;
  const source = { ...parkedAt, link: "down", syncing: false, positioned: true } as const;
  return { ...seen, role: "replica", source, refusesWrites: undefined };
}
