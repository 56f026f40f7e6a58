import type { History } from "../model/history.ts";
import type { Observed } from "../model/observation.ts";
import type { MaxMissing, Missing, Served } from "../model/served.ts";
import type { Situation } from "../model/situation.ts";
import { branches, compareHistories, lastCommon } from "./history.ts";
import { complete } from "./may-serve.ts";
import { otherMasters, sourcePeer } from "./situation.ts";

/**
 * Is this data set current? Each node remembers the newest data that it has seen served, so that an old snapshot that Redis
 * loads, or a replica that could not follow, is recognized.
 */

/**
 * What this data set lacks of what was served; undefined if nothing is known to be missing. It is as old as the first write that it lacks
 * was when it was last seen served: a minute in which nothing was written counts, too (seed 2901 of chaos: 29 s were called 3).
 */
export function missing({ history }: Observed, served: Served | undefined): Missing | undefined {
  if (!served) return undefined;
  const common = inCommon(history, served);
  if (common === undefined || common >= served.history.offset) return undefined;
  const reached = served.marks.findLast(({ offset }) => offset <= common);
  const until_ms = served.unchangedUntil_ms ?? served.at_ms;
  const seconds = reached ? Math.max(0, (until_ms - reached.at_ms) / 1000) : Number.POSITIVE_INFINITY;
  return { bytes: served.history.offset - common, seconds, by: served.by };
}

/**
 * The last offset that this data set and what was served have in common; undefined if nothing is known. A snapshot can have an id that no
 * check has seen: of a promotion just before a replica came, for which Redis makes a backlog, and with it one more id. The offset grows
 * over both.
 */
function inCommon(history: History, { history: last, earlier = [], keys }: Served): number | undefined {
  if (history.uncounted) return undefined;
  const common = lastCommon(branches(history), [...branches(last), ...earlier]);
  if (common !== undefined) return common;
  return keys > 0 && history.offset < last.offset ? history.offset : undefined;
}

/** More is known to be missing than `failover.max_missing_seconds` and `failover.max_missing_bytes` allow. */
export const tooOld = (seen: Observed, served: Served | undefined, max: MaxMissing): boolean => {
  const lacks = missing(seen, served);
  return lacks !== undefined && (lacks.seconds > max.seconds || lacks.bytes > max.bytes);
};

export const missingInWords = ({ bytes, seconds, by }: Missing): string =>
  `${bytes} bytes of what ${by} served are missing here, ${
    Number.isFinite(seconds) ? `the last ${Math.ceil(seconds)} s of it` : "of an unknown time"
  }`;

/** What is being served, and the server by which this node sees it. */
export interface ServedNow {
  by: string;
  seen: Observed;
  /** This node copies it: all that it has of this history it got since the copy began. */
  copied?: boolean;
}

/**
 * The data that is being served, as far as this node can tell: its own as the master with the virtual IP, that of the master that it
 * copies from, or that of another master whose history goes on from what was served last.
 */
export function servedNow(
  situation: Pick<Situation, "node" | "peers">,
  before: Served | undefined,
): ServedNow | undefined {
  const { node } = situation;
  const { seen } = node;
  if (seen.kind !== "observed") return undefined;
  if (complete(seen) && seen.role === "master")
    return node.holdsVip && otherMasters(situation).length === 0 ? { by: node.name, seen } : undefined;
  if (complete(seen) && seen.source?.link === "up" && !seen.source.syncing)
    return { by: sourcePeer(seen, situation)?.name ?? seen.source.host, seen, copied: true };
  // Also beside a data set that is not complete yet: what it will have copied a moment later is compared with this record.
  const master = otherMasters(situation).find(
    (peer) => !before || goesOn(compareHistories(before.history, peer.seen.history).kind),
  );
  return master && { by: master.name, seen: master.seen };
}

/** One history is the other one, or the beginning of it. */
export const goesOn = (kind: string): boolean => kind === "same" || kind === "behind";
