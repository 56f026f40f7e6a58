import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { agentAlive } from "../src/act/agent-mark.ts";
import { atWork, newestIntent } from "../src/act/intent.ts";
import { type Check, check } from "../src/act/monitor.ts";
import { repair } from "../src/act/repair.ts";
import { UsageError } from "../src/cluster/errors.ts";
import { loadOrLastGood } from "../src/cluster/last-good.ts";
import { hostAddresses, localNode } from "../src/cluster/local-node.ts";
import { readPassword } from "../src/cluster/password.ts";
import { clusterFile, pathsOf } from "../src/cluster/paths.ts";
import type { Cluster } from "../src/cluster/schema.ts";
import { readTrackFile, writeTrackFile } from "../src/keepalived/track-file.ts";
import { appendLogLine } from "../src/log-file.ts";
import { type Level, logLine } from "../src/log-line.ts";
import { runPlain, textOf, type Values } from "../src/plain-cli.ts";
import { openWire } from "../src/redis/wire.ts";

// Keepalived starts this every second, so it carries neither yargs (34 ms a start) nor winston (18 ms) nor ioredis (33 ms).

runPlain({
  name: "monitor",
  summary: "May this node hold the virtual IP? Exit 0 yes, 1 no, 2 wrong usage or cluster file.",
  options: { json: { about: "print the verdict as JSON" } },
  run,
});

async function run(values: Values): Promise<number> {
  const addresses = hostAddresses();
  const nodeIn = (cluster: Cluster) => localNode(cluster, textOf(values.node), addresses);
  const { cluster, broken } = await loadOrLastGood(textOf(values.cluster) ?? clusterFile(), nodeIn);
  const node = nodeIn(cluster);
  // Keepalived's own environment reaches the hooks as it reached us; what was said on our command line must be said again.
  const hookOptions = ["cluster", "node"].flatMap((name) => {
    const value = textOf(values[name]);
    return value === undefined ? [] : [`--${name}`, value];
  });
  const paths = pathsOf(cluster);
  if (agentAlive(paths.agent)) {
    // Its own verdict is in a track file of its own, which Keepalived reads at once.
    if (values.json) process.stdout.write(`${JSON.stringify({ healthy: true, cause: "agent" })}\n`);
    return 0;
  }
  const job: Check = {
    cluster,
    node,
    ...passwordOf(cluster),
    paths,
    addresses,
    ...(broken && { broken }),
    open: openWire,
    latest: () => {
      const intent = newestIntent(paths.intents);
      return intent && { transition: intent.transition, atWork: atWork(intent) };
    },
    again: (transition) => repair(dirname(__filename), transition, hookOptions),
  };
  const { verdict, news } = await check(job);
  speakForAgent(job, verdict.healthy);
  // An agent was killed between turning clients away and the move that didn't come.
  if (verdict.cause === "master" && existsSync(paths.turnedAway)) await job.again("MASTER");
  if (news) log(job, news.level, news.message, news.fields);
  if (values.json) process.stdout.write(`${JSON.stringify(verdict)}\n`);
  else if (!verdict.healthy) process.stderr.write(`monitor: ${verdict.cause}: ${verdict.detail}\n`);
  return verdict.healthy ? 0 : 1;
}

/**
 * Nobody else takes back what an agent said last. And where it runs Keepalived counts two of our exit codes, since one may just be
 * late; a verdict that we came to counts at once, as the agent's would.
 */
function speakForAgent({ cluster, paths }: Check, healthy: boolean): void {
  const ok = healthy || cluster.monitor.fall > 1 ? 1 : 0;
  try {
    if (readTrackFile(paths.ok) !== ok && !agentAlive(paths.agent)) writeTrackFile(paths.ok, ok);
  } catch {
    // The check tells of a folder that can't be written.
  }
}

/** Without one that can be used Redis lets us not in, and what lives keeps the virtual IP. */
function passwordOf(cluster: Cluster): Pick<Check, "password" | "broken"> {
  try {
    return { password: readPassword(cluster) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { password: undefined, broken: error };
  }
}

function log(
  { cluster, node, paths, password }: Check,
  level: Level,
  message: string,
  fields: Record<string, unknown>,
): void {
  const origin = { node: node.name, cluster: cluster.name, executable: "monitor" };
  try {
    appendLogLine(paths.log, logLine(level, message, origin, fields, password ? [password] : []));
  } catch {
    // The verdict counts more than the line about it.
  }
}
