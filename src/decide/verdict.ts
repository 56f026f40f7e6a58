import type { Observation, Observed } from "../model/observation.ts";
import type { Situation } from "../model/situation.ts";
import type { Verdict } from "../model/verdict.ts";
import { complete } from "./may-serve.ts";
import { isParked, keepsUp, seenPeers, stalled } from "./situation.ts";

/** What the health check knows of this node besides its peers. */
export interface Watch {
  seen: Observation;
  holdsVip: boolean;
  /** See Situation. */
  isolated: boolean;
  /** Redis is another process than at the last good verdict: its data is not yet compared with that of the peers. */
  restarted: boolean;
  /** A hook is at work: Redis may be between two roles. */
  inTransition: boolean;
  /** Seconds for which the cause of the last verdict has stood. */
  lasting: (cause: string) => number;
}

/** A soft cause counts only where a peer would do better: the peers have to be asked. */
export interface SoftCause {
  soft: string;
  detail: string;
}

/** One row: the first one that fits gives the verdict, or a soft cause. */
export interface VerdictRow {
  /** A sentence: read aloud, the table must make sense. */
  when: string;
  fits(watch: Watch): boolean;
  verdict(watch: Watch): Verdict | SoftCause;
}

/** A holder whose Redis is no master gets this long, the time for a hook to be started and to finish. */
const roleGrace_s = 3;
/** A script of an application may run this long before the server counts as blocked (lua-time-limit is 5 s). */
const busyGrace_s = 5;
/** A link that broke comes back within two seconds by itself, if at all. */
const linkGrace_s = 2;

export const fit = (cause: string, detail = ""): Verdict => ({ healthy: true, cause, detail });
export const unfit = (cause: string, detail: string): Verdict => ({ healthy: false, cause, detail });
const soft = (cause: string, detail: string): SoftCause => ({ soft: cause, detail });

/** The local Redis answered: what the rows below the first ones are about. */
const answered =
  (holds: (seen: Observed, watch: Watch) => boolean) =>
  (watch: Watch): boolean =>
    watch.seen.kind === "observed" && holds(watch.seen, watch);

const detailOf = ({ seen }: Watch): string => (seen.kind === "observed" ? linkDetail(seen) : seen.detail);
const rejected = ({ seen }: Watch): boolean => seen.kind === "rejected";

export const healthTable: readonly VerdictRow[] = [
  {
    when: "Redis doesn't answer: unfit, by the cause of its silence",
    fits: ({ seen }) => seen.kind === "unreachable",
    verdict: ({ seen }) =>
      unfit(seen.kind === "unreachable" ? seen.why : "", seen.kind === "observed" ? "" : seen.detail),
  },
  {
    when: "neither a peer nor a witness answers: unfit (`isolated`)",
    fits: ({ isolated }) => isolated,
    verdict: () => unfit("isolated", "neither a peer nor one of failover.witnesses answers"),
  },
  {
    when: "a script has blocked Redis for 5 s: soft (`busy`)",
    fits: ({ seen, lasting }) => seen.kind === "rejected" && seen.why === "busy" && lasting("busy") >= busyGrace_s,
    verdict: (watch) => soft("busy", detailOf(watch)),
  },
  {
    // The server lives and serves others: to take the virtual IP away for a wrong password of ours would make it worse.
    when: "Redis rejects our login, our rights, has no room for us, or runs a script: fit (`password`, `permission`, `full`, `busy`)",
    fits: rejected,
    verdict: ({ seen }) => fit(seen.kind === "rejected" ? seen.why : "", seen.kind === "rejected" ? seen.detail : ""),
  },
  {
    when: "Redis loads its data set: soft (`loading`)",
    fits: answered(({ loading }) => loading !== undefined),
    verdict: ({ seen }) =>
      soft("loading", `loading the data set, about ${seen.kind === "observed" ? seen.loading?.eta_s : 0} s to go`),
  },
  {
    // A replica that copies from its master has been put right already.
    when: "Redis is another process than before, as a master or on the holder: soft (`restarted`)",
    fits: answered(({ role }, { restarted, holdsVip }) => restarted && (role === "master" || holdsVip)),
    verdict: ({ seen }) =>
      soft("restarted", `Redis was restarted, it has ${seen.kind === "observed" ? seen.keys : 0} keys now`),
  },
  {
    when: "a master that refuses writes, since a save failed: soft (`refuses-writes`)",
    fits: answered(({ role, refusesWrites }) => role === "master" && refusesWrites !== undefined),
    verdict: ({ seen }) => soft("refuses-writes", (seen.kind === "observed" && seen.refusesWrites) || ""),
  },
  {
    when: "a master that is not the holder: soft (`master-without-vip`)",
    fits: answered(({ role }, { holdsVip }) => role === "master" && !holdsVip),
    verdict: () => soft("master-without-vip", "a master that is not the holder"),
  },
  {
    when: "a master with a replica that keeps up: fit (`master`)",
    fits: answered(({ role, replicas }) => role === "master" && replicas.some(keepsUp)),
    verdict: () => fit("master"),
  },
  {
    when: "a master that no replica keeps up with: fit, but is a peer master, too? (`alone`)",
    fits: answered(({ role }) => role === "master"),
    verdict: () => soft("alone", ""),
  },
  {
    when: "a replica on the holder, for less than 3 s or while a hook is at work: fit (`holder-is-replica`)",
    fits: ({ holdsVip, inTransition, lasting }) =>
      holdsVip && (inTransition || lasting("holder-is-replica") < roleGrace_s),
    verdict: () => fit("holder-is-replica", "the role should follow within seconds"),
  },
  {
    when: "a replica on the holder for longer: unfit (`holder-is-no-master`)",
    fits: ({ holdsVip }) => holdsVip,
    verdict: ({ lasting }) => {
      const waited_s = Math.round(lasting("holder-is-replica"));
      return unfit("holder-is-no-master", `the holder's Redis has been a replica for ${waited_s} s`);
    },
  },
  {
    when: "a full copy that nothing has come of for 5 s: soft (`copy-stalled`)",
    fits: answered(stalled),
    verdict: (watch) => soft("copy-stalled", detailOf(watch)),
  },
  {
    when: "a replica whose data set is not complete, and which isn't parked: soft (`incomplete`)",
    fits: answered((seen) => !complete(seen) && !isParked(seen)),
    verdict: (watch) => soft("incomplete", detailOf(watch)),
  },
  {
    when: "a replica whose link is up: fit (`replica`)",
    fits: answered(({ source }) => source?.link === "up"),
    verdict: () => fit("replica"),
  },
  {
    // A parked server waits for a hook, however young its link is.
    when: "a replica that is parked, or whose link has been down for 2 s: soft (`not-following`)",
    fits: answered(
      (seen, { lasting }) => isParked(seen) || lasting("not-following") > 0 || lasting("link-down") >= linkGrace_s,
    ),
    verdict: (watch) => soft("not-following", detailOf(watch)),
  },
  {
    when: "a replica whose link just broke: soft (`link-down`)",
    fits: () => true,
    verdict: (watch) => soft("link-down", detailOf(watch)),
  },
];

/** The verdict as far as the local Redis decides it. A soft cause is settled by `verdictAmongPeers`. */
export function ownVerdict(watch: Watch): Verdict | SoftCause {
  const row = healthTable.find(({ fits }) => fits(watch)) as VerdictRow;
  return row.verdict(watch);
}

/** A peer answers that could take the virtual IP: without one nobody is asked to give it away. */
export const somebodyCouldServe = (situation: Situation): boolean =>
  seenPeers(situation).some(({ seen }) => complete(seen));

/** The last rule of the verdict: a node that is drained isn't fit, whatever else is well; what isn't well is said first. */
export const drained = (verdict: Verdict, draining: boolean): Verdict =>
  draining && verdict.healthy ? unfit("draining", "this node was asked to give the virtual IP away") : verdict;

const linkDetail = ({ source, keys }: Observed): string =>
  `replica of ${source?.host}:${source?.port}, link ${source?.link}${source?.syncing ? ", full copy under way" : ""}, ${keys} keys`;
