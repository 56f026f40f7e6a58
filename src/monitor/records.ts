import type { Paths } from "../cluster/paths.ts";
import { claim, replicaPosition } from "../decide/claim.ts";
import { roleTakenAgain } from "../decide/role-taken.ts";
import { servedNow } from "../decide/served.ts";
import { remembered, unwritten } from "../decide/served-record.ts";
import { keepsUp, otherMasters } from "../decide/situation.ts";
import { readTrackFile, writeTrackFile } from "../keepalived/track-file.ts";
import type { Observation, Observed } from "../model/observation.ts";
import type { Situation } from "../model/situation.ts";
import type { Verdict } from "../model/verdict.ts";
import type { RedisContext } from "../redis/sessions.ts";
import { type LastVerdict, rememberVerdict } from "../state/last-verdict.ts";
import { endResignation, hasResigned, resign } from "../state/resignation.ts";
import { lastServed, rememberServed, rememberUnchanged } from "../state/served.ts";
import { uptime_s } from "../system/clock.ts";
import { reminders } from "./verdict-change.ts";

/** What a health check found. */
export interface Checked {
  verdict: Verdict;
  seen: Observation;
  holder: boolean;
  inTransition: boolean;
  keepalivedStopped: boolean;
  restarted: boolean;
}

/** What is kept of this check until the next one. */
export function nextVerdict(
  { verdict: { healthy, cause, detail }, seen, holder }: Checked,
  last: LastVerdict | undefined,
  problem: string | undefined,
  situation: Situation | undefined,
): LastVerdict {
  const unchanged = last?.cause === cause && last.healthy === healthy;
  const replica_position =
    seen.kind === "observed" ? replicaPosition(seen, last?.replica_position) : last?.replica_position;
  const taken = cause === "role-taken" && last?.cause !== cause;
  const role_taken = taken ? roleTakenAgain(last?.role_taken, uptime_s()) : last?.role_taken;
  const isMaster = seen.kind === "observed" && seen.role === "master";
  const disputed = isMaster && isDisputed(seen, situation, last);
  const since_s = last?.cause === cause ? last.since_s : uptime_s();
  const again = reminders(cause, uptime_s() - since_s);
  return {
    healthy,
    cause,
    // The detail may contain numbers that change at every run, so the first one is kept.
    detail: unchanged ? last.detail : detail,
    since_s,
    at: last?.at ?? "",
    ...(again > 0 ? { reminders: again } : {}),
    ...(problem === undefined ? {} : { problem }),
    // Only the run_id of a fit server: the next one is compared with it.
    ...withRunId(healthy && seen.kind === "observed" ? seen.runId : last?.run_id),
    claim: seen.kind === "observed" ? claim(seen, replica_position) : 0,
    ...(replica_position === undefined ? {} : { replica_position }),
    ...(holder && (isMaster || last?.was_master) ? { was_master: true } : {}),
    ...(disputed ? { disputed_since_s: last?.disputed_since_s ?? uptime_s() } : {}),
    ...(role_taken === undefined ? {} : { role_taken }),
  };
}

/** Without a look at the peers, as it is during a transition: as before, unless a replica keeps up (seed 1901 of chaos, round 131). */
const isDisputed = (seen: Observed, situation: Situation | undefined, last: LastVerdict | undefined): boolean =>
  situation ? otherMasters(situation).length > 0 : last?.disputed_since_s !== undefined && !seen.replicas.some(keepsUp);

const withRunId = (run_id: string | undefined) => (run_id === undefined ? {} : { run_id });

/**
 * Writes what this host remembers. Returns the error if the state folder can't be written: that must not move the virtual IP. It is
 * logged at each check, since it can't be remembered that it was.
 */
export function remember(
  check: RedisContext,
  now: LastVerdict,
  last: LastVerdict | undefined,
  checked: Checked,
  situation: Situation | undefined,
): string | undefined {
  const { paths } = check;
  try {
    // Compared with the file: a hook that promotes writes it too.
    if (now.claim !== readTrackFile(paths.claim)) writeTrackFile(paths.claim, now.claim);
    rememberResignation(checked, paths);
    rememberWhatIsServed(check, checked, situation);
    const same = JSON.stringify(now) === JSON.stringify(last);
    // Last, since only a change against it is logged: a check that is ended before this is made again, all of it. The date is made
    // only here: the first one of a process reads the time zone, and most runs need none.
    if (!same) rememberVerdict(paths.verdict, { ...now, at: new Date().toISOString() });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A node resigns by its own verdict, and until it is master again; the MASTER transition ends it as well. */
function rememberResignation({ verdict, seen, holder, inTransition }: Checked, paths: Paths): void {
  const resigned = hasResigned(paths.resigned);
  if (!verdict.healthy && holder && !resigned) resign(paths.resigned);
  const serves = verdict.healthy && holder && seen.kind === "observed" && seen.role === "master";
  if (serves && resigned && !inTransition) endResignation(paths.resigned);
}

/** A master that was restarted may have loaded an old snapshot: it is not what was served. Unobserved peers do not matter. */
function rememberWhatIsServed(
  { cluster, node, paths }: RedisContext,
  { seen, restarted, holder: holdsVip, keepalivedStopped }: Checked,
  situation: Situation | undefined,
): void {
  if (restarted && seen.kind === "observed" && seen.role === "master") return;
  const here = { name: node.name, host: node.address, port: cluster.redis.port, seen, holdsVip };
  const before = situation ? situation.served : lastServed(paths.served);
  const now = servedNow(situation ?? { node: here, peers: [] }, before);
  const now_ms = Date.now();
  const after = remembered(before, now, now_ms, keepalivedStopped);
  if (after && after !== before) rememberServed(paths.served, after);
  else if (unwritten(before, now)) rememberUnchanged(paths.served, now_ms);
}
