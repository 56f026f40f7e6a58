import type { Observed } from "../model/observation.ts";
import type { Situation } from "../model/situation.ts";

/**
 * May this data set be served? The one place that says so, for transitions, health check, recovery and planned moves.
 */

/**
 * The data set is complete: it is a known position of a history, which that of a replica before its first sync or amid a full one
 * never is.
 */
export const complete = (seen: Observed): boolean =>
  !seen.loading && (seen.role === "master" || seen.source?.positioned === true);

/** Nothing was ever written here, as far as the server knows. One that loads doesn't know yet: its keys come in one by one. */
export const empty = (seen: Observed): boolean =>
  !seen.loading && seen.keys === 0 && (!complete(seen) || seen.history.offset === 0);

/** A new cluster: every node answers, and none has any data. */
export const newCluster = ({ node, peers }: Situation): boolean =>
  node.seen.kind === "observed" &&
  node.seen.keys === 0 &&
  peers.every(({ seen }) => seen.kind === "observed" && empty(seen));

/** A server that can take the role of a holder over as it is: complete, and taking writes as far as its disk goes. */
export const couldServe = (seen: Observed): boolean => complete(seen) && seen.refusesWrites === undefined;
