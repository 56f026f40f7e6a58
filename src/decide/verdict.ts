import type { Observed } from "../model/observation.ts";
import type { Situation } from "../model/situation.ts";
import type { HealthFacts, SoftCause, Verdict, VerdictRow } from "../model/verdict.ts";
import { complete } from "./may-serve.ts";
import { isParked, keepsUp, seenPeers, stalled } from "./situation.ts";

/** The Redis of a holder may be a replica for this long: a hook needs time to start and to promote it. */
const roleGrace_s = 3;
/** A script may run this long before the server counts as blocked (the default of lua-time-limit). */
const busyGrace_s = 5;
/** A replication link that broke comes back by itself within two seconds, or not at all. */
const linkGrace_s = 2;
/** A master sends a PING every ten seconds (the default of repl-ping-replica-period). */
const silentLink_s = 12;

export const fit = (cause: string, detail = ""): Verdict => ({ healthy: true, cause, detail });
export const unfit = (cause: string, detail: string): Verdict => ({ healthy: false, cause, detail });
const soft = (cause: string, detail: string): SoftCause => ({ soft: cause, detail });

/** A condition of a row that needs an observation of the local Redis. */
const answered =
  (holds: (seen: Observed, facts: HealthFacts) => boolean) =>
  (facts: HealthFacts): boolean =>
    facts.seen.kind === "observed" && holds(facts.seen, facts);

const detailOf = ({ seen }: HealthFacts): string => (seen.kind === "observed" ? linkDetail(seen) : seen.detail);
const rejected = ({ seen }: HealthFacts): boolean => seen.kind === "rejected";

export const healthTable: readonly VerdictRow[] = [
  {
    when: "Redis doesn't answer: unfit (`refused`, `timeout`, `closed`, `no-route`, `garbage`, `tls`)",
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
    when: "a script has blocked Redis for 5 s, or blocks it on a node that was unfit before: soft (`busy`)",
    fits: ({ seen, lasting, wasUnfit }) =>
      seen.kind === "rejected" && seen.why === "busy" && (wasUnfit || lasting("busy") >= busyGrace_s),
    verdict: (facts) => soft("busy", detailOf(facts)),
  },
  {
    // A failover to it would fail: nobody could promote it.
    when: "Redis rejects our login or our commands, or has reached `maxclients`, and was not seen as the holder's master before: soft (`password`, `permission`, `full`)",
    fits: ({ seen, holdsVip, wasMaster }) =>
      seen.kind === "rejected" && seen.why !== "busy" && !(holdsVip && wasMaster),
    verdict: (facts) => soft(facts.seen.kind === "rejected" ? facts.seen.why : "", detailOf(facts)),
  },
  {
    // The server is alive and serves its clients: a failover because of a wrong password in our file would only harm them.
    when: "Redis rejects our login or our commands, has reached `maxclients`, or runs a script: fit (`password`, `permission`, `full`, `busy`)",
    fits: rejected,
    verdict: ({ seen }) => fit(seen.kind === "rejected" ? seen.why : "", seen.kind === "rejected" ? seen.detail : ""),
  },
  {
    when: "Redis is loading its data set: soft (`loading`)",
    fits: answered(({ loading }) => loading !== undefined),
    verdict: ({ seen }) =>
      soft("loading", `loading the data set, about ${seen.kind === "observed" ? seen.loading?.eta_s : 0} s to go`),
  },
  {
    // A restarted replica that does not hold the virtual IP is judged by the rows below.
    when: "Redis was restarted, and is a master or on the holder: soft (`restarted`)",
    fits: answered(({ role }, { restarted, holdsVip }) => restarted && (role === "master" || holdsVip)),
    verdict: ({ seen }) =>
      soft("restarted", `Redis was restarted, it has ${seen.kind === "observed" ? seen.keys : 0} keys now`),
  },
  {
    when: "a master that refuses writes because a save failed: soft (`refuses-writes`)",
    fits: answered(({ role, refusesWrites }) => role === "master" && refusesWrites !== undefined),
    verdict: ({ seen }) => soft("refuses-writes", (seen.kind === "observed" && seen.refusesWrites) || ""),
  },
  {
    // A node is master for the time of its own dump. Another verdict would start another transition, and the dump again.
    when: "a master that is not the holder, during a transition: as at the last check (`master-without-vip`)",
    fits: answered(({ role }, { holdsVip, inTransition }) => role === "master" && !holdsVip && inTransition),
    verdict: ({ wasUnfit }) => {
      const detail = "a master that is not the holder, and a transition is being carried out";
      return wasUnfit ? unfit("master-without-vip", detail) : fit("master-without-vip", detail);
    },
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
    when: "a master that no replica keeps up with: soft (`alone`), since a peer may be master too",
    fits: answered(({ role }) => role === "master"),
    verdict: () => soft("alone", ""),
  },
  {
    // Two nodes have the virtual IP, and this one's clients would find a replica. It also ends a dispute of two nodes that don't hear
    // each other's adverts: one change of the role, and not one a second.
    when: "a replica on the holder that was master there before, so that another node has taken the role, or such a node shortly afterwards: soft (`role-taken`)",
    fits: answered(
      (seen, { holdsVip, wasMaster, inTransition, lasting, roleTakenHold_s }) =>
        seen.role === "replica" &&
        !isParked(seen) &&
        ((holdsVip && wasMaster && !inTransition) ||
          (lasting("role-taken") > 0 && lasting("role-taken") < roleTakenHold_s)),
    ),
    verdict: (facts) => soft("role-taken", detailOf(facts)),
  },
  {
    when: "a replica on the holder that is copying the whole data set: soft (`holder-copies`)",
    fits: answered(({ source }, { holdsVip }) => holdsVip && source?.syncing === true),
    verdict: (facts) => soft("holder-copies", detailOf(facts)),
  },
  {
    when: "a replica on the holder, for less than 3 s or during a transition: fit (`holder-is-replica`)",
    fits: ({ holdsVip, inTransition, lasting }) =>
      holdsVip && (inTransition || lasting("holder-is-replica") < roleGrace_s),
    verdict: () => fit("holder-is-replica", "it should be promoted within seconds"),
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
    when: "a replica whose full synchronization has received nothing for 5 s: soft (`copy-stalled`)",
    fits: answered(stalled),
    verdict: (facts) => soft("copy-stalled", detailOf(facts)),
  },
  {
    // A master that rejects the replica lets it ask for a full synchronization each second, and sends nothing.
    when: "a replica with an incomplete data set that is not parked, unless it was `not-following` and has received nothing: soft (`incomplete`)",
    fits: answered(
      (seen, { lasting }) =>
        !complete(seen) &&
        !isParked(seen) &&
        !(lasting("not-following") > 0 && (seen.source?.progress?.bytes ?? 0) === 0),
    ),
    verdict: (facts) => soft("incomplete", detailOf(facts)),
  },
  {
    // Redis itself waits for repl-timeout, a minute, if the host of its master has lost its power.
    when: "a replica whose link is up, and has been silent for 12 s: soft (`link-silent`)",
    fits: answered(({ source }) => source?.link === "up" && (source.silentFor_s ?? 0) >= silentLink_s),
    verdict: (facts) => soft("link-silent", detailOf(facts)),
  },
  {
    when: "a replica whose link is up: fit (`replica`)",
    fits: answered(({ source }) => source?.link === "up"),
    verdict: () => fit("replica"),
  },
  {
    // A parked server follows only when a hook tells it to.
    when: "a replica that is parked, or whose link has been down for 2 s, or whose full synchronization has failed: soft (`not-following`)",
    fits: answered(
      (seen, { lasting }) =>
        isParked(seen) ||
        lasting("not-following") > 0 ||
        lasting("incomplete") > 0 ||
        lasting("link-down") >= linkGrace_s,
    ),
    verdict: (facts) => soft("not-following", detailOf(facts)),
  },
  {
    when: "a replica whose link just broke: soft (`link-down`)",
    fits: () => true,
    verdict: (facts) => soft("link-down", detailOf(facts)),
  },
];

/** The verdict by the local Redis alone. For a soft cause `verdictWithPeers` gives the verdict. */
export function ownVerdict(facts: HealthFacts): Verdict | SoftCause {
  const row = healthTable.find(({ fits }) => fits(facts)) as VerdictRow;
  return row.verdict(facts);
}

/** A peer answers that could take the virtual IP over. Without one a drain request is ignored. */
export const peerCouldTakeOver = (situation: Situation): boolean =>
  seenPeers(situation).some(({ seen }) => complete(seen));

/** The last rule of the verdict: a healthy node that is being drained is unfit. An unhealthy one keeps its own cause. */
export const withDrain = (verdict: Verdict, draining: boolean): Verdict =>
  draining && verdict.healthy ? unfit("draining", "this node was asked to give up the virtual IP") : verdict;

const linkDetail = ({ source, keys }: Observed): string =>
  `replica of ${source?.host}:${source?.port}, link ${source?.link}${source?.syncing ? ", full synchronization in progress" : ""}, ${keys} keys`;
