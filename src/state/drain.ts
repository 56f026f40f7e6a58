import { rmSync } from "node:fs";
import type { Cluster } from "../cluster/schema.ts";
import { writeTrackFile } from "../keepalived/track-file.ts";
import { subscribe, subscribers } from "../redis/commands.ts";
import type { Session } from "../redis/session.ts";
import { startTicks } from "../system/process-start.ts";
import { readIfPresent } from "../system/read-file.ts";

/**
 * How a node is asked to give the virtual IP away. On its own host by the drain track file: Keepalived reads its first number,
 * the rest names the process that asked. From another host over this node's Redis: the node that asks subscribes to a channel,
 * and this one counts the subscribers. That needs no other way between the hosts, leaves nothing in the data, and ends with
 * the connection.
 */
const channelOf = (cluster: Cluster): string => `keepalived-redis:${cluster.name}:drain`;

/** Drains this node for as long as this process lives, or until `endDrain`. */
export const startDrain = (file: string): void =>
  writeTrackFile(file, `1 ${process.pid} ${startTicks(process.pid) ?? 0}`);

export const endDrain = (file: string): void => rmSync(file, { force: true });

/** Whether the track file drains this node. A file whose process died is removed: nobody else would. */
export function draining(file: string): boolean {
  const [number = "", pid, ticks] = (readIfPresent(file) ?? "").trim().split(/\s+/);
  if (!Number.parseInt(number, 10)) return false;
  // A file made by hand names no process; it stands until it is removed by hand.
  if (pid === undefined || startTicks(Number(pid)) === Number(ticks)) return true;
  endDrain(file);
  return false;
}

/** Asks the node of this session to give the virtual IP away. */
export const requestDrain = (session: Session, cluster: Cluster): Promise<unknown> =>
  subscribe(session, channelOf(cluster));

/** Whether another node asks the node of this session to give the virtual IP away. */
export const drainRequested = async (session: Session, cluster: Cluster): Promise<boolean> =>
  (await subscribers(session, channelOf(cluster))) > 0;
