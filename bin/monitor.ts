import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { levelOf, runPlain, textOf, type Values } from "../src/cli/plain-cli.ts";
import { startUp } from "../src/cli/start-up.ts";
import type { NodeContext } from "../src/cluster/context.ts";
import { readTrackFile, writeTrackFile } from "../src/keepalived/track-file.ts";
import { openPlainLog } from "../src/log/plain-log.ts";
import type { Verdict } from "../src/model/verdict.ts";
import { checkHealth } from "../src/monitor/health-check.ts";
import { tellIfNotWatched } from "../src/monitor/not-watched.ts";
import { startRepair } from "../src/monitor/repair.ts";
import { openConnection } from "../src/redis/connection.ts";
import { agentAlive } from "../src/state/heartbeat.ts";
import { lastVerdict } from "../src/state/last-verdict.ts";
import { maintenanceState } from "../src/state/maintenance.ts";
import { answerReportRequest } from "../src/state/report-request.ts";
import { latestTransition } from "../src/state/transition-marks.ts";
import { hostAddresses } from "../src/system/host-addresses.ts";

// Keepalived starts this every second, so it carries neither yargs (34 ms a start) nor winston (18 ms) nor ioredis (33 ms).

runPlain({
  name: "monitor",
  summary: "May this node hold the virtual IP? Exit 0 yes, 1 no, 2 wrong usage or cluster file.",
  options: { json: { about: "print the verdict as JSON" } },
  run,
});

async function run(values: Values): Promise<number> {
  const addresses = hostAddresses();
  const [cluster, node] = [textOf(values.cluster), textOf(values.node)];
  const logLevel = levelOf(values);
  const started = await startUp(
    { executable: "monitor", cluster, node, logLevel, addresses, whenBroken: "report" },
    openPlainLog,
  );
  const { paths, log } = started;
  if (agentAlive(paths.heartbeat)) {
    // Keepalived has the agent's verdict already, from a track file: it does not ask for JSON, and gets no second answer.
    if (!values.json) return 0;
    const { healthy, cause, detail } = lastVerdict(paths.verdict) ?? notCheckedYet;
    printJson({ healthy, cause, detail, by: "agent" }, paths.maintenance);
    return healthy ? 0 : 1;
  }
  // Keepalived's own environment reaches the hooks as it reached us; what was said on our command line must be said again.
  const options = [
    ...(cluster === undefined ? [] : ["--cluster", cluster]),
    ...(node === undefined ? [] : ["--node", node]),
  ];
  const check = {
    ...started,
    addresses,
    open: openConnection,
    endedBySigterm: true,
    latest: () => latestTransition(paths.transitionMarks),
    repair: (transition: Parameters<typeof startRepair>[1]) => startRepair(dirname(__filename), transition, options),
  };
  const { verdict, change, mayBeAsked } = await checkHealth(check);
  // First, and after nothing slow: it is remembered, so no other check tells of it if Keepalived ends this one.
  if (change) log[change.level]("verdict", change.message, change.fields);
  speakForAgent(started, verdict.healthy);
  // An agent was killed between blocking clients and the move that didn't come.
  if (verdict.cause === "master" && existsSync(paths.blockedClients)) await check.repair("MASTER");
  // A node that is unfit must be taken out at once.
  if (verdict.healthy) await tellIfNotWatched(paths, log).catch(() => undefined);
  if (mayBeAsked) await answerReportRequest(check);
  if (values.json) printJson(verdict, paths.maintenance);
  else if (!verdict.healthy) process.stderr.write(`monitor: ${verdict.cause}: ${verdict.detail}\n`);
  await log.close();
  return verdict.healthy ? 0 : 1;
}

const notCheckedYet = { healthy: true, cause: "agent", detail: "no check has ended since the boot" };

function printJson(verdict: Verdict & { by?: "agent" }, maintenance: string): void {
  const { on, until } = maintenanceState(maintenance, Date.now());
  process.stdout.write(`${JSON.stringify({ ...verdict, ...(on ? { maintenance: until ?? "on" } : {}) })}\n`);
}

/**
 * Nobody else takes back what an agent said last. And where it runs Keepalived counts two of our exit codes, since one may just be
 * late; a verdict that we came to counts at once, as the agent's would.
 */
function speakForAgent({ cluster, paths }: NodeContext, healthy: boolean): void {
  const fit = healthy || cluster.monitor.fall > 1 ? 1 : 0;
  try {
    if (readTrackFile(paths.agentHealth) !== fit && !agentAlive(paths.heartbeat))
      writeTrackFile(paths.agentHealth, fit);
  } catch {
    // The check tells of a folder that can't be written.
  }
}
