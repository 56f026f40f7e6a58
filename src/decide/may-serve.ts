import type { Observed } from "../model/observation.ts";
import type { Situation } from "../model/situation.ts";

/**
 * May this data set be served? Transitions, the health check, recovery and planned moves all decide it here.
 */

/** The data set is complete: it is at a known offset. A replica before its first full synchronization, or during one, is not. */
export const complete = (seen: Observed): boolean =>
  !seen.loading && (seen.role === "master" || seen.source?.positioned === true);

/** As far as the server knows it never had data. A server that is loading does not know yet. */
export const empty = (seen: Observed): boolean =>
  !seen.loading && seen.keys === 0 && (!complete(seen) || seen.history.offset === 0);

/** A new cluster: every node answers, none has any data, and this node has never seen any served. */
export const newCluster = ({ node, peers, served }: Situation): boolean =>
  !(served && served.keys > 0) &&
  node.seen.kind === "observed" &&
  node.seen.keys === 0 &&
  peers.every(({ seen }) => seen.kind === "observed" && empty(seen));

/** The server can become master as it is: its data set is complete, and no failed save makes it refuse writes. */
export const couldServe = (seen: Observed): boolean => complete(seen) && seen.refusesWrites === undefined;
