import type { Relation } from "../model/history.ts";
import type { ConnectedReplica, Observed } from "../model/observation.ts";
import type { Peer, SeenPeer, Situation } from "../model/situation.ts";
import { bytesBeyond, compareHistories, contained } from "./history.ts";
import { complete } from "./may-serve.ts";

export const seenPeers = (situation: Pick<Situation, "peers">): SeenPeer[] =>
  situation.peers.filter((peer): peer is SeenPeer => peer.seen.kind === "observed");

// Replicas acknowledge once a second, so a younger silence says nothing.
const silent_s = 2;

/** It copies from this master now. A master that was cut off without a word lists its lost replicas as online for a minute. */
export const keepsUp = ({ online, lag_s }: ConnectedReplica): boolean => online && lag_s < silent_s;

// A fork of a large master takes a second or two.
export const stalled_s = 5;

/** Its full copy will not go on: the master's host went down without a word. Redis itself waits for repl-timeout, a minute. */
export const stalled = ({ source }: Observed): boolean =>
  source?.syncing === true && (source.silentFor_s ?? 0) >= stalled_s;

/** Peers that serve as master and have finished loading. */
export const otherMasters = (situation: Pick<Situation, "peers">): SeenPeer[] =>
  seenPeers(situation).filter(({ seen }) => seen.role === "master" && !seen.loading);

/** The peer that our replica copies from, if it copies from one. */
export const sourcePeer = (ours: Observed, situation: Situation): Peer | undefined =>
  situation.peers.find((peer) => copiesFrom(ours, peer));

export const copiesFrom = (replica: Observed, source: { host: string; port: number }): boolean =>
  replica.source?.host === source.host && replica.source.port === source.port;

/**
 * Where a parked server pretends to copy from: nobody. It keeps its data, takes no writes, and can still be promoted or
 * follow by a partial resync; other replicas can't copy from it.
 */
export const parkedAt = { host: "127.0.0.1", port: 1 };

export const isParked = (seen: Observed): boolean => copiesFrom(seen, parkedAt);

export const relationTo = (ours: Observed, peer: SeenPeer): Relation =>
  compareHistories(ours.history, peer.seen.history);

/** Nothing here would be lost by following this peer: it has all that we have, or we have nothing. */
export const nothingToLose = (ours: Observed, peer: SeenPeer): boolean => {
  if (ours.keys === 0 && (!complete(ours) || relationTo(ours, peer).kind === "unrelated")) return true;
  return complete(ours) && contained(relationTo(ours, peer));
};

/** Bytes of writes that only we have, were we to follow this peer. */
export const bytesAtStake = (ours: Observed, peer: SeenPeer): number =>
  bytesBeyond(relationTo(ours, peer), ours.history);
