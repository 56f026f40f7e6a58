import type { Served } from "../model/served.ts";
import type { Situation } from "../model/situation.ts";
import { complete } from "./may-serve.ts";
import { missing, missingInWords, tooOld } from "./served.ts";
import { seenPeers } from "./situation.ts";

/** Keepalived of this node stops. Nodes that have a complete data set can go on serving: the local data set gets old without a trace. */
export function stopRemembered({ node: { seen }, peers, served }: Situation): Served | undefined {
  const nodes = seenPeers({ peers })
    .filter((peer) => complete(peer.seen))
    .map(({ name }) => name);
  return served && nodes.length > 0
    ? { ...served, stopped: { nodes, runId: seen.kind === "observed" ? seen.runId : "" } }
    : undefined;
}

/**
 * The nodes that could serve after this one stopped, and whose data are not known now. None while the same Redis runs: it may have gone
 * on copying, and its link tells.
 */
export function servedElsewhere({ node: { seen }, peers, served }: Situation): string[] {
  if (!served?.stopped || (seen.kind === "observed" && seen.runId === served.stopped.runId)) return [];
  const known = seenPeers({ peers }).filter((peer) => !peer.seen.loading);
  return served.stopped.nodes.filter((name) => !known.some((peer) => peer.name === name));
}

/** Why the local data set is known to be too old to be served without an operator's word; undefined if it is not. */
export function behind(situation: Situation): string | undefined {
  const { node, served, maxMissing, allowDataLoss } = situation;
  if (node.seen.kind !== "observed" || node.seen.loading || allowDataLoss) return undefined;
  const elsewhere = servedElsewhere(situation);
  if (elsewhere.length > 0)
    return `what ${elsewhere.join(" and ")} may have served since this node stopped is not known here`;
  const lacks = missing(node.seen, served);
  return lacks && tooOld(node.seen, served, maxMissing) ? missingInWords(lacks) : undefined;
}
