import { peersOf } from "../cluster/local-node.ts";
import type { Paths } from "../cluster/paths.ts";
import { claim, replicaPosition } from "../decide/claim.ts";
import { repairOf } from "../decide/repair.ts";
import { ownVerdict, peerCouldTakeOver, withDrain } from "../decide/verdict.ts";
import { verdictWithPeers } from "../decide/verdict-with-peers.ts";
import { readTrackFile, writeTrackFile } from "../keepalived/track-file.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { VerdictChange } from "../model/agent.ts";
import type { Observation } from "../model/observation.ts";
import type { Situation } from "../model/situation.ts";
import type { Transition } from "../model/transition.ts";
import type { Verdict } from "../model/verdict.ts";
import { observeCluster } from "../redis/observe-cluster.ts";
import { endpointOf } from "../redis/session.ts";
import { type RedisContext, Sessions } from "../redis/sessions.ts";
import { draining } from "../state/drain.ts";
import { type LastVerdict, lastVerdict, rememberVerdict } from "../state/last-verdict.ts";
import { inMaintenance } from "../state/maintenance.ts";
import { uptime_s } from "../system/clock.ts";
import { anyReachable } from "../system/reachable.ts";
import { readLocalRedis } from "./local-redis.ts";

export interface HealthCheck extends RedisContext {
  /** The addresses of this host, if they are known already. */
  addresses?: string[] | undefined;
  /** The last transition that Keepalived reported, and whether it is still being carried out. */
  latest: () => { transition: Transition | undefined; atWork: boolean } | undefined;
  /** Carries this transition out again. */
  repair: (transition: Transition) => Promise<void>;
  /** Why the cluster file can't be used; the last good one is used instead. */
  broken?: Error | undefined;
}

export interface CheckResult {
  verdict: Verdict;
  /** This host had the virtual IP when the check began. */
  holder: boolean;
  change?: VerdictChange;
  seen?: Observation;
}

/** One health check. It ends within two times `monitor.timeout`, or three times if the peers must be observed. */
export async function checkHealth(check: HealthCheck): Promise<CheckResult> {
  const { cluster, node, password, paths, broken } = check;
  const last = lastVerdict(paths.verdict);
  const holder = holdsVip(cluster, check.addresses);
  if (last && inMaintenance(paths.maintenance, Date.now())) return { verdict: last, holder };

  const [{ seen, drainRequested }, isolated] = await Promise.all([
    readLocalRedis(cluster, endpointOf(cluster, node, password), check.open),
    isIsolated(check),
  ]);
  const latest = check.latest();
  const inTransition = latest?.atWork === true;
  const runId = seen.kind === "observed" ? seen.runId : undefined;
  const found = ownVerdict({
    seen,
    holdsVip: holder,
    isolated,
    restarted: runId !== undefined && last?.run_id !== undefined && runId !== last.run_id,
    inTransition,
    lasting: (cause) => lasting(last, cause),
  });
  let situation: Situation | undefined;
  const observePeersOnce = async () => {
    const sessions = new Sessions(check);
    situation ??= await observeCluster(check, sessions, { ours: seen, holdsVip: holder, isolated: false });
    sessions.closeAll();
    return situation;
  };
  const undrained = "soft" in found ? verdictWithPeers(found.soft, found.detail, await observePeersOnce()) : found;
  // If the host that requested the drain died, its subscription ends minutes later: the request counts only if a peer answers.
  const drain = drainRequested && peerCouldTakeOver(await observePeersOnce());
  const verdict = withDrain(undrained, drain || draining(paths.drain));
  const { cause } = verdict;
  const vrrp = latest?.transition;
  const repair = repairOf({ cause, lasting_s: lasting(last, cause), vrrp, holdsVip: holder, atWork: inTransition });
  if (repair) await check.repair(repair);
  const now = remembered(verdict, seen, last, broken?.message);
  try {
    remember(now, last, paths);
  } catch (error) {
    // A full /run must not move the virtual IP. It is logged at each run, since it can't be remembered that it was.
    const change = { ...changeOf(now, last), level: "error" as const };
    return {
      verdict,
      holder,
      seen,
      change: { ...change, fields: { ...change.fields, unsaved: (error as Error).message } },
    };
  }
  const unchanged = last?.cause === now.cause && last.healthy === now.healthy && last.problem === now.problem;
  return { verdict, holder, seen, ...(unchanged ? {} : { change: changeOf(now, last) }) };
}

function remember(now: LastVerdict, last: LastVerdict | undefined, paths: Paths): void {
  // Compared with the file: a hook that promotes writes it too.
  if (now.claim !== readTrackFile(paths.claim)) writeTrackFile(paths.claim, now.claim);
  const same = JSON.stringify(now) === JSON.stringify(last);
  // The date is made only here: the first one of a process reads the time zone, and most runs need none.
  if (!same) rememberVerdict(paths.verdict, { ...now, at: new Date().toISOString() });
}

const lasting = (last: LastVerdict | undefined, cause: string): number =>
  last?.cause === cause ? uptime_s() - last.since_s : 0;

function remembered(
  { healthy, cause, detail }: Verdict,
  seen: Observation,
  last: LastVerdict | undefined,
  problem: string | undefined,
): LastVerdict {
  const unchanged = last?.cause === cause && last.healthy === healthy;
  const replica_position =
    seen.kind === "observed" ? replicaPosition(seen, last?.replica_position) : last?.replica_position;
  return {
    healthy,
    cause,
    // The detail may contain numbers that change at every run, so the first one is kept.
    detail: unchanged ? last.detail : detail,
    since_s: last?.cause === cause ? last.since_s : uptime_s(),
    at: last?.at ?? "",
    ...(problem === undefined ? {} : { problem }),
    // Only the run_id of a fit server: the next one is compared with it.
    ...withRunId(healthy && seen.kind === "observed" ? seen.runId : last?.run_id),
    claim: seen.kind === "observed" ? claim(seen, replica_position) : 0,
    ...(replica_position === undefined ? {} : { replica_position }),
  };
}

const withRunId = (run_id: string | undefined) => (run_id === undefined ? {} : { run_id });

// The node stays fit, since Redis is alive. But a failover would fail, so these are logged as errors.
const errorCauses = new Set(["password", "permission", "full"]);

function changeOf({ healthy, cause, detail, problem }: LastVerdict, last: LastVerdict | undefined): VerdictChange {
  const level = problem || errorCauses.has(cause) ? "error" : healthy ? "info" : "warn";
  const before = last ? ` (before: ${last.cause})` : "";
  return {
    level,
    message: `${healthy ? "fit" : "unfit"} to hold the virtual IP: ${cause}${before}`,
    fields: { healthy, cause, detail, ...(problem ? { broken_cluster_file: problem } : {}) },
  };
}

/** Witnesses are configured, and neither a witness nor a peer answers: this node may be cut off from the network. */
async function isIsolated(check: HealthCheck): Promise<boolean> {
  const { failover, redis, monitor } = check.cluster;
  if (failover.witnesses.length === 0) return false;
  const peers = peersOf(check.cluster, check.node).map(({ address }) => `${address}:${redis.port}`);
  return !(await anyReachable([...peers, ...failover.witnesses], monitor.timeout * 1000));
}
