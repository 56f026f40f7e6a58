import { clusterHash } from "../cluster/cluster-hash.ts";
import type { NodeContext } from "../cluster/context.ts";
import { priorityOf } from "../cluster/local-node.ts";
import { readTrackFile } from "../keepalived/track-file.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import { keepalivedWatches } from "../keepalived/watched.ts";
import type { HostReport, KeptSummary } from "../model/host-report.ts";
import { uptime_s } from "../system/clock.ts";
import { keepalivedHangs, keepalivedRuns } from "../system/processes.ts";
import { drainState } from "./drain.ts";
import { agentState } from "./heartbeat.ts";
import { keptFiles } from "./kept-files.ts";
import { lastTransition } from "./last-transition.ts";
import { lastVerdict } from "./last-verdict.ts";
import { maintenanceState } from "./maintenance.ts";
import { transitionCounts } from "./transition-counts.ts";
import { markAge_s, newestMark } from "./transition-marks.ts";

/** What only this host knows of its node: `status` reads it here, and asks the agents of the others for theirs. Changes nothing. */
export function hostReport({ cluster, node, paths }: Omit<NodeContext, "log">): HostReport {
  const mark = newestMark(paths.transitionMarks);
  const verdict = lastVerdict(paths.verdict);
  const now_ms = Date.now();
  return {
    holder: holdsVip(cluster),
    keepalived: keepalivedRuns(),
    keepalived_hangs: keepalivedHangs(),
    keepalived_problem: keepalivedWatches(paths.state) === false ? { is: "not-watched", what: paths.state } : undefined,
    vrrp: mark ? { state: mark.transition, for_s: tenths(markAge_s(mark)) } : null,
    priority: { configured: priorityOf(cluster, node), claim: readTrackFile(paths.claim) },
    agent: agentOf(paths.heartbeat),
    verdict: verdict
      ? {
          fit: verdict.healthy,
          cause: verdict.cause,
          detail: verdict.detail,
          for_s: tenths(Math.max(0, uptime_s() - verdict.since_s)),
        }
      : null,
    maintenance: maintenanceState(paths.maintenance, now_ms),
    drain: drainState(paths.drain),
    last_transition: lastTransition(paths.log, now_ms),
    kept: keptSummary(paths.quarantine),
    transitions: transitionCounts(paths),
    cluster_file: clusterHash(cluster),
  };
}

function agentOf(file: string): HostReport["agent"] {
  const { is, silent_s } = agentState(file);
  return { is, silent_s: silent_s === null ? null : tenths(silent_s) };
}

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

function keptSummary(folder: string): KeptSummary {
  const files = keptFiles(folder);
  const open = files.filter(({ about }) => about?.applied?.left !== 0);
  const [newest] = open.length > 0 ? open : files;
  return {
    files: files.length,
    not_applied: open.length,
    newest: newest
      ? {
          id: newest.id,
          kind: newest.kind,
          when: newest.about?.when ?? "",
          writes: newest.about?.writes?.writes ?? null,
          keys: newest.about?.keys ?? null,
        }
      : null,
  };
}
