import { peersOf } from "../cluster/local-node.ts";
import type { Paths } from "../cluster/paths.ts";
import { claim, contact } from "../decide/claim.ts";
import { repairOf } from "../decide/repair.ts";
import { drained, ownVerdict, somebodyCouldServe } from "../decide/verdict.ts";
import { verdictAmongPeers } from "../decide/verdict-among-peers.ts";
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
  /** This host's, where they are known already. */
  addresses?: string[] | undefined;
  /** What Keepalived asked for last, and whether somebody is still at it. */
  latest: () => { transition: Transition | undefined; atWork: boolean } | undefined;
  /** Has that done once more. */
  repair: (transition: Transition) => Promise<void>;
  /** Why the cluster file can't be used; the last good one stands in for it. */
  broken?: Error | undefined;
}

export interface CheckResult {
  verdict: Verdict;
  /** The virtual IP was here when it began. */
  holder: boolean;
  change?: VerdictChange;
  seen?: Observation;
}

/** One run of the monitor. Ends within two of `monitor.timeout`, and a third where peers must be asked. */
export async function checkHealth(job: HealthCheck): Promise<CheckResult> {
  const { cluster, node, password, paths, broken } = job;
  const last = lastVerdict(paths.verdict);
  const holder = holdsVip(cluster, job.addresses);
  if (last && inMaintenance(paths.maintenance, Date.now())) return { verdict: last, holder };

  const [{ seen, drainAsked }, cutOff] = await Promise.all([
    readLocalRedis(cluster, endpointOf(cluster, node, password), job.open),
    isolated(job),
  ]);
  const latest = job.latest();
  const inTransition = latest?.atWork === true;
  const runId = seen.kind === "observed" ? seen.runId : undefined;
  const found = ownVerdict({
    seen,
    holdsVip: holder,
    isolated: cutOff,
    restarted: runId !== undefined && last?.run_id !== undefined && runId !== last.run_id,
    inTransition,
    lasting: (cause) => lasting(last, cause),
  });
  let around: Situation | undefined;
  const lookAround = async () => {
    const sessions = new Sessions(job);
    around ??= await observeCluster(job, sessions, { ours: seen, holdsVip: holder, isolated: false });
    sessions.closeAll();
    return around;
  };
  const whole = "soft" in found ? verdictAmongPeers(found.soft, found.detail, await lookAround()) : found;
  // Who asked over our Redis may have lost its host since then: that wish ends with the connection, minutes later.
  const asked = drainAsked && somebodyCouldServe(await lookAround());
  const verdict = drained(whole, asked || draining(paths.drain));
  const { cause } = verdict;
  const vrrp = latest?.transition;
  const repair = repairOf({ cause, lasting_s: lasting(last, cause), vrrp, holdsVip: holder, atWork: inTransition });
  if (repair) await job.repair(repair);
  const now = remembered(verdict, seen, last, broken?.message);
  try {
    remember(now, last, paths);
  } catch (error) {
    // A full /run must not take the virtual IP away. Told with each run, since none remembers that it was.
    const change = { ...changeOf(now, last), level: "error" as const };
    return {
      verdict,
      holder,
      seen,
      change: { ...change, fields: { ...change.fields, unsaved: (error as Error).message } },
    };
  }
  const quiet = last?.cause === now.cause && last.healthy === now.healthy && last.problem === now.problem;
  return { verdict, holder, seen, ...(quiet ? {} : { change: changeOf(now, last) }) };
}

function remember(now: LastVerdict, last: LastVerdict | undefined, paths: Paths): void {
  // Against the file, not our memory: a hook that promotes writes it, too.
  if (now.claim !== readTrackFile(paths.claim)) writeTrackFile(paths.claim, now.claim);
  const same = JSON.stringify(now) === JSON.stringify(last);
  // The date only here: a process's first one reads the time zone, and most runs need none.
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
  const near = seen.kind === "observed" ? contact(seen, last?.contact) : last?.contact;
  return {
    healthy,
    cause,
    // The detail may tell seconds and bytes that change with every run: it stays as it was when the cause was found.
    detail: unchanged ? last.detail : detail,
    since_s: last?.cause === cause ? last.since_s : uptime_s(),
    at: last?.at ?? "",
    ...(problem === undefined ? {} : { problem }),
    // Only a fit server's process is one to compare the next one with.
    ...withRunId(healthy && seen.kind === "observed" ? seen.runId : last?.run_id),
    claim: seen.kind === "observed" ? claim(seen, near) : 0,
    ...(near === undefined ? {} : { contact: near }),
  };
}

const withRunId = (run_id: string | undefined) => (run_id === undefined ? {} : { run_id });

// The server lives, so the verdict stays good, but nobody could fail over like this.
const loud = new Set(["password", "permission", "full"]);

function changeOf({ healthy, cause, detail, problem }: LastVerdict, last: LastVerdict | undefined): VerdictChange {
  const level = problem || loud.has(cause) ? "error" : healthy ? "info" : "warn";
  const before = last ? `, was ${last.cause}` : "";
  return {
    level,
    message: `${healthy ? "fit" : "unfit"} to hold the virtual IP: ${cause}${before}`,
    fields: { healthy, cause, detail, ...(problem ? { broken_cluster_file: problem } : {}) },
  };
}

/** Where witnesses are named: nobody answers, so it may be us who are cut off. */
async function isolated(job: HealthCheck): Promise<boolean> {
  const { failover, redis, monitor } = job.cluster;
  if (failover.witnesses.length === 0) return false;
  const peers = peersOf(job.cluster, job.node).map(({ address }) => `${address}:${redis.port}`);
  return !(await anyReachable([...peers, ...failover.witnesses], monitor.timeout * 1000));
}
