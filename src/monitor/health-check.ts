import { peersOf } from "../cluster/local-node.ts";
import { repairOf } from "../decide/repair.ts";
import { roleTakenHold_s } from "../decide/role-taken.ts";
import { keepsUp, otherMasters } from "../decide/situation.ts";
import { ownVerdict, peerCouldTakeOver, withDrain } from "../decide/verdict.ts";
import { verdictWithPeers } from "../decide/verdict-with-peers.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { VerdictChange } from "../model/agent.ts";
import type { Observation } from "../model/observation.ts";
import type { Situation } from "../model/situation.ts";
import type { Transition } from "../model/transition.ts";
import type { Verdict } from "../model/verdict.ts";
import { snapshotsOff } from "../redis/commands.ts";
import { linkProblem } from "../redis/link-problem.ts";
import { observeCluster } from "../redis/observe-cluster.ts";
import { endpointOf } from "../redis/session.ts";
import { type RedisContext, Sessions } from "../redis/sessions.ts";
import { draining } from "../state/drain.ts";
import { type LastVerdict, lastVerdict } from "../state/last-verdict.ts";
import { inMaintenance } from "../state/maintenance.ts";
import { lastPromotion } from "../state/resignation.ts";
import { withRecords } from "../state/with-records.ts";
import { uptime_s } from "../system/clock.ts";
import { keepalivedRuns } from "../system/processes.ts";
import { anyReachable } from "../system/reachable.ts";
import { readLocalRedis } from "./local-redis.ts";
import { nextVerdict, remember } from "./records.ts";
import { verdictChange } from "./verdict-change.ts";

export interface HealthCheck extends RedisContext {
  /** The addresses of this host, if they are known already. */
  addresses?: string[] | undefined;
  /** The last transition that Keepalived reported, and whether it is still being carried out. */
  latest: () => { transition: Transition | undefined; atWork: boolean } | undefined;
  /** Carries this transition out again. */
  repair: (transition: Transition) => Promise<void>;
  /** In a process of its own, which Keepalived ends by SIGTERM when its time is over. */
  endedBySigterm?: boolean;
  /** Why the cluster file can't be used; the last good one is used instead. */
  broken?: Error | undefined;
}

export interface CheckResult {
  verdict: Verdict;
  /** This host had the virtual IP when the check began. */
  holder: boolean;
  change?: VerdictChange;
  seen?: Observation;
  /** Another host may wait for the report of this one: it is answered after the change is logged. */
  mayBeAsked: boolean;
}

/** One health check. It ends within two times `monitor.timeout`, or three times if the peers must be observed. */
export async function checkHealth(check: HealthCheck): Promise<CheckResult> {
  const { cluster, node, password, paths, broken } = check;
  const last = lastVerdict(paths.verdict);
  const holder = holdsVip(cluster, check.addresses);
  if (last && inMaintenance(paths.maintenance, Date.now())) {
    const { healthy, cause, detail } = last;
    return { verdict: { healthy, cause, detail }, holder, mayBeAsked: true };
  }
  const [{ seen, drainRequested, reportRequested }, isolated] = await Promise.all([
    readLocalRedis(cluster, endpointOf(cluster, node, password), check.open, check.endedBySigterm === true),
    isIsolated(check),
  ]);
  const latest = check.latest();
  const inTransition = latest?.atWork === true;
  const runId = seen.kind === "observed" ? seen.runId : undefined;
  const restarted = runId !== undefined && last?.run_id !== undefined && runId !== last.run_id;
  const found = ownVerdict({
    seen,
    holdsVip: holder,
    isolated,
    restarted,
    inTransition,
    wasMaster: last?.was_master === true,
    wasUnfit: last?.healthy === false,
    roleTakenHold_s: roleTakenHold_s(last?.role_taken),
    lasting: (cause) => lasting(last, cause),
  });
  let situation: Situation | undefined;
  const observePeersOnce = async () => {
    const sessions = new Sessions(check);
    const { allow_data_loss: allowDataLoss } = cluster.failover;
    const promotion = () => lastPromotion(paths.promotion);
    const known = { ours: seen, holdsVip: holder, isolated: false, allowDataLoss, promotion };
    situation ??= await withSettings(check, withRecords(await observeCluster(check, sessions, known), paths));
    sessions.closeAll();
    return situation;
  };
  const undrained = "soft" in found ? verdictWithPeers(found.soft, found.detail, await observePeersOnce()) : found;
  // If the host that requested the drain died, its subscription ends minutes later: the request counts only if a peer answers.
  const drain = drainRequested && peerCouldTakeOver(await observePeersOnce());
  const verdict = withDrain(undrained, drain || draining(paths.drain));
  const { cause } = verdict;
  const vrrp = latest?.transition;
  const lasting_s = lasting(last, cause);
  const repair = repairOf({ cause, lasting_s, vrrp, holdsVip: holder, atWork: inTransition, keepalivedRuns });
  if (repair) await check.repair(repair);
  const checked = { verdict, seen, holder, inTransition, keepalivedStopped: vrrp === "STOP", restarted };
  const now = nextVerdict(checked, last, broken?.message, situation);
  // What follows takes milliseconds, and check-health takes the verdict though Keepalived has ended it meanwhile.
  if (check.endedBySigterm) process.on("SIGTERM", () => undefined);
  const unsaved = remember(check, now, last, checked, situation);
  const change = verdictChange(now, last, unsaved);
  return { verdict, holder, seen, mayBeAsked: reportRequested, ...(change ? { change } : {}) };
}

// More than 0 even if the last check was a moment ago: uptime counts hundredths of a second.
const lasting = (last: LastVerdict | undefined, cause: string): number =>
  last?.cause === cause ? Math.max(0.01, uptime_s() - last.since_s) : 0;

/** What INFO does not tell, read where it matters. */
async function withSettings(check: HealthCheck, situation: Situation): Promise<Situation> {
  const { cluster, node, password } = check;
  const { seen } = situation.node;
  if (seen.kind !== "observed") return situation;
  const cutOffReplica = seen.role === "replica" && seen.source?.link !== "up" && otherMasters(situation).length > 0;
  const loneMaster = seen.role === "master" && situation.persistence === "replica" && !seen.replicas.some(keepsUp);
  if (!cutOffReplica && !loneMaster) return situation;
  try {
    // With the deadline of a check, and not that of a transition.
    const local = await check.open(endpointOf(cluster, node, password), cluster.monitor.timeout * 1000);
    const read = cutOffReplica
      ? { linkProblem: await linkProblem(local, password) }
      : { snapshotsOff: await snapshotsOff(local) };
    local.close();
    return { ...situation, ...read };
  } catch {
    return situation;
  }
}

/** Witnesses are configured, and neither a witness nor a peer answers: this node may be cut off from the network. */
async function isIsolated(check: HealthCheck): Promise<boolean> {
  const { failover, redis, monitor } = check.cluster;
  if (failover.witnesses.length === 0) return false;
  const peers = peersOf(check.cluster, check.node).map(({ address }) => `${address}:${redis.port}`);
  return !(await anyReachable([...peers, ...failover.witnesses], monitor.timeout * 1000));
}
