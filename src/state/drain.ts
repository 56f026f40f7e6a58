import { rmSync } from "node:fs";
import type { Cluster } from "../cluster/schema.ts";
import { writeTrackFile } from "../keepalived/track-file.ts";
import { subscribe, subscribers } from "../redis/commands.ts";
import type { Session } from "../redis/session.ts";
import { startTicks } from "../system/process-start.ts";
import { readIfPresent } from "../system/read-file.ts";

/**
 * A node that is drained gives up the virtual IP. On its own host that is requested by the drain track file: Keepalived reads its
 * first number; the rest identifies the process that requested it. From another host it is requested over the Redis of the node to be
 * drained: the other host subscribes to a channel, and the node counts the subscribers. That needs no other connection between the
 * hosts, changes no data, and ends when the connection ends.
 */
const channelOf = (cluster: Cluster): string => `keepalived-redis:${cluster.name}:drain`;

/** Drains this node until `endDrain`, or until this process ends. */
export const startDrain = (file: string): void =>
  writeTrackFile(file, `1 ${process.pid} ${startTicks(process.pid) ?? 0}`);

export const endDrain = (file: string): void => rmSync(file, { force: true });

/** Whether this node is drained by the track file. If the process that wrote it has died, the file is removed. */
export function draining(file: string): boolean {
  const state = drainState(file);
  if (state === "left") endDrain(file);
  return state === "yes";
}

/** `left`: the process that requested it has died. A file that an operator wrote names no process, and counts until it is removed. */
export function drainState(file: string): "no" | "yes" | "left" {
  const [number = "", pid, ticks] = (readIfPresent(file) ?? "").trim().split(/\s+/);
  if (!Number.parseInt(number, 10)) return "no";
  return pid === undefined || startTicks(Number(pid)) === Number(ticks) ? "yes" : "left";
}

/** Requests that the node of this session is drained, until the session ends. */
export const requestDrain = (session: Session, cluster: Cluster): Promise<unknown> =>
  subscribe(session, channelOf(cluster));

const moveChannelOf = (cluster: Cluster): string => `keepalived-redis:${cluster.name}:move`;

/**
 * Tells the node that is to become master, over its Redis, that the role is moved there on purpose: then a master that does not answer
 * is slow, and not gone. Until the session ends.
 */
export const announceMove = (session: Session, cluster: Cluster): Promise<unknown> =>
  subscribe(session, moveChannelOf(cluster));

/** Whether the role is being moved to the node of this session. */
export const moveAnnounced = async (session: Session, cluster: Cluster): Promise<boolean> =>
  (await subscribers(session, moveChannelOf(cluster))) > 0;

const readyChannelOf = (cluster: Cluster): string => `keepalived-redis:${cluster.name}:ready`;

/** Tells the other nodes that the node of this session would take the virtual IP, until the session ends. */
export const announceReady = (session: Session, cluster: Cluster): Promise<unknown> =>
  subscribe(session, readyChannelOf(cluster));

/** Whether the node of this session announces that it would take the virtual IP. Only an agent announces it. */
export const readyAnnounced = async (session: Session, cluster: Cluster): Promise<boolean> =>
  (await subscribers(session, readyChannelOf(cluster))) > 0;

/** Whether another host requests that the node of this session is drained. */
export const drainRequested = async (session: Session, cluster: Cluster): Promise<boolean> =>
  (await subscribers(session, channelOf(cluster))) > 0;
