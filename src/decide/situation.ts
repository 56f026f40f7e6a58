import type { Relation } from "../model/history.ts";
import type { ConnectedReplica, Observed } from "../model/observation.ts";
import type { Peer, SeenPeer, Situation } from "../model/situation.ts";
import { bytesBeyond, compareHistories, contained } from "./history.ts";
import { complete } from "./may-serve.ts";

export const seenPeers = (situation: Pick<Situation, "peers">): SeenPeer[] =>
  situation.peers.filter((peer): peer is SeenPeer => peer.seen.kind === "observed");

/** All nodes whose Redis answers, this one first. */
export function observedNodes(situation: Situation): SeenPeer[] {
  const { seen, ...here } = situation.node;
  return [...(seen.kind === "observed" ? [{ ...here, seen }] : []), ...seenPeers(situation)];
}

// Replicas acknowledge once a second.
const silent_s = 2;

/** The replica acknowledges. `online` is not enough: a master lists a replica that was cut off as online for a minute. */
export const keepsUp = ({ online, lag_s }: ConnectedReplica): boolean => online && lag_s < silent_s;

// The fork of a large master takes one or two seconds.
export const stalled_s = 5;

/** Its full synchronization will not go on: the master's host is down. Redis itself waits for repl-timeout, a minute. */
export const stalled = ({ source }: Observed): boolean =>
  source?.syncing === true && (source.silentFor_s ?? 0) >= stalled_s;

/** Peers that are master and not loading. */
export const otherMasters = (situation: Pick<Situation, "peers">): SeenPeer[] =>
  seenPeers(situation).filter(({ seen }) => seen.role === "master" && !seen.loading);

/** The peer that the local Redis copies from, if any. */
export const sourcePeer = (ours: Observed, situation: Pick<Situation, "peers">): Peer | undefined =>
  situation.peers.find((peer) => copiesFrom(ours, peer));

export const copiesFrom = (replica: Observed, source: { host: string; port: number }): boolean =>
  replica.source?.host === source.host && replica.source.port === source.port;

/**
 * The master address of a parked server; nothing listens there. A parked server keeps its data, takes no writes, and can still be
 * promoted, or follow by a partial resynchronization. Other replicas can't copy from it.
 */
export const parkedAt = { host: "127.0.0.1", port: 1 };

export const isParked = (seen: Observed): boolean => copiesFrom(seen, parkedAt);

export const relationTo = (ours: Observed, peer: SeenPeer): Relation =>
  compareHistories(ours.history, peer.seen.history);

/** Following this peer loses no local write: it has all of them, or there are none. */
export const nothingToLose = (ours: Observed, peer: SeenPeer): boolean => {
  if (ours.keys === 0 && (!complete(ours) || relationTo(ours, peer).kind === "unrelated")) return true;
  return complete(ours) && contained(relationTo(ours, peer));
};

/** Bytes of the local history that following this peer would overwrite; undefined if the two can't be compared. */
export function bytesAtStake(ours: Observed, peer: SeenPeer): number | undefined {
  const relation = relationTo(ours, peer);
  return relation.kind === "unrelated" ? undefined : bytesBeyond(relation);
}
