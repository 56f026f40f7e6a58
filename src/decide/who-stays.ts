import type { History } from "../model/history.ts";
import type { Observed } from "../model/observation.ts";
import type { Here, SeenPeer } from "../model/situation.ts";
import { relationTo } from "./situation.ts";

/** If what a node remembers of the other one is true, the other one follows it by then. */
const memoryCounts_s = 5;

/** Two masters that hold each other's writes back are worse than any of the two: seed 941 of chaos, round 58. */
const yields_s = 15;

/**
 * Which of two masters stays master. A promotion that followed a resignation is newer, and wins whatever the histories say. Where
 * nobody resigned, there was a split: the one whose clients wrote more stays. If both wrote as much, or nothing can be counted, the one
 * with the virtual IP. Both nodes decide this for themselves and come to the same answer; should they not, because what one of them
 * remembers is wrong, or one could not count, that memory counts no more after 5 s, and after 15 s the one without the virtual IP yields.
 */
export function weStayMaster(
  ours: Observed,
  here: Pick<Here, "holdsVip" | "resigned" | "servedIds" | "disputed_s">,
  peer: SeenPeer,
): boolean {
  const { holdsVip, disputed_s = 0 } = here;
  if (isNewer(ours, here, peer) || (!holdsVip && disputed_s >= yields_s)) return false;
  if (peer.resigned && disputed_s < memoryCounts_s && !promotedSince(ours, peer) && !servesAgain(ours, peer))
    return true;
  const relation = relationTo(ours, peer);
  switch (relation.kind) {
    case "ahead":
      return true;
    case "behind":
      return false;
    case "diverged":
      return (peer.written ? more(counts(peer.written)) : more(relation)) ?? holdsVip;
    case "unrelated":
      if (ours.keys === 0 || peer.seen.keys === 0) return peer.seen.keys === 0 && (ours.keys > 0 || holdsVip);
      return (peer.written ? more(counts(peer.written)) : moreBytes(ours.history, peer.seen.history)) ?? holdsVip;
    case "same":
      return holdsVip;
  }
}

/**
 * The peer was promoted after we looked whether it had resigned, so that says nothing: out of our present history, or as a replica of the
 * master that we were a replica of. Had it been that master, it would have gone on with that history at least as far as we know it.
 */
const promotedSince = ({ history }: Observed, { seen }: SeenPeer): boolean => {
  const { previous } = seen.history;
  if (previous === undefined) return false;
  return (
    previous.id === history.id ||
    (history.previous !== undefined && previous.id === history.previous.id && previous.until <= history.previous.until)
  );
};

/** It resigned, was promoted again out of the same history while it was cut off, and its clients wrote more since: `countedFrom`. */
const servesAgain = ({ history }: Observed, { seen, written }: SeenPeer): boolean =>
  history.previous !== undefined &&
  seen.history.previous?.id === history.previous.id &&
  written !== undefined &&
  more(counts(written)) === false;

/**
 * The peer was promoted after this node had resigned: its history begins where it left ours. `servedIds` too, since each promotion for
 * a dump gives our history another id, and Redis remembers one before it.
 */
export const isNewer = (
  ours: Observed,
  { resigned, servedIds = [] }: Pick<Here, "resigned" | "servedIds">,
  { seen }: SeenPeer,
): boolean =>
  resigned === true &&
  seen.history.previous !== undefined &&
  [ours.history.id, ours.history.previous?.id, ...servedIds].includes(seen.history.previous.id) &&
  // It is not this history, and not the one that the local Redis was promoted from.
  ![ours.history.id, ours.history.previous?.id].includes(seen.history.id);

/**
 * Of two histories that can't be compared, wherever they parted: the offset goes on over promotions and copies, so the one with the greater
 * one took more bytes since. Not of servers that were never promoted: they may have nothing to do with each other.
 */
function moreBytes(ours: History, theirs: History): boolean | undefined {
  const known = [ours, theirs].every(({ uncounted, previous }) => !uncounted && previous !== undefined);
  return known ? more({ ours: ours.offset, theirs: theirs.offset }) : undefined;
}

/** Without deletions: those of expired and evicted keys are the servers' own. */
const counts = ({ ours, theirs }: NonNullable<SeenPeer["written"]>) => ({ ours: ours.writes, theirs: theirs.writes });

const more = ({ ours, theirs }: { ours: number; theirs: number }): boolean | undefined =>
  ours === theirs ? undefined : ours > theirs;
