import { CommandRefused } from "../cluster/errors.ts";
import { follow } from "../decide/facts.ts";
import { copiesFrom } from "../decide/situation.ts";
import { applyLastKept } from "../failover/apply-kept.ts";
import type { PlanContext } from "../failover/context.ts";
import { carryOut } from "../failover/steps.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Observed } from "../model/observation.ts";
import type { SeenPeer } from "../model/situation.ts";
import { withoutCopyDelay } from "../redis/copy-delay.ts";
import { linkProblem } from "../redis/link-problem.ts";
import { observeSession } from "../redis/observe.ts";
import { observeNode } from "../redis/observe-cluster.ts";
import type { Sessions } from "../redis/sessions.ts";
import { DeadlinePassed, poll } from "../system/poll.ts";
import type { RecoveryContext } from "./context.ts";
import { inUnits } from "./reporter.ts";
import { startRedis } from "./start-redis.ts";

// A copy that makes progress may take as long as it needs; one that has not moved for so long is given up.
const stall_ms = 60_000;

/** Starts the local Redis unless it runs, makes it a replica of `source` and waits for the full copy. Returns its bytes. */
export async function copyFrom(context: RecoveryContext, sessions: Sessions, source: SeenPeer): Promise<number> {
  const ours = await ensureRunning(context, sessions, source);
  const loaded = ours.loading ? await untilLoaded(context, sessions) : ours;
  const master = await sessions.of(source.name);
  const delay = await withoutCopyDelay(master);
  try {
    const kept = await followSource(context, sessions, source, loaded);
    const bytes = await untilInSync(context, sessions);
    if (kept) await applyLastKept(context);
    return bytes;
  } finally {
    await delay.restore();
  }
}

async function ensureRunning(context: RecoveryContext, sessions: Sessions, source: SeenPeer): Promise<Observed> {
  const seen = await readLocal(context, sessions);
  if (seen) {
    context.report.done(`Redis runs here as ${seen.role}`);
    return seen;
  }
  const started = await startRedis(context, sessions, source);
  context.report.done(`Redis started as ${started.role}`);
  if (started.role === "master") {
    context.report.note(
      "it came up as a master: put `replicaof` into its redis.conf (`generate-config --redis` prints the line), so that it never is one",
    );
  }
  return started;
}

async function readLocal(context: PlanContext, sessions: Sessions): Promise<Observed | undefined> {
  const seen = await observeNode(context, sessions, context.node);
  return seen.kind === "observed" ? seen : undefined;
}

/** REPLICAOF is refused while a server loads. */
function untilLoaded(context: RecoveryContext, sessions: Sessions): Promise<Observed> {
  const look = async () => {
    const seen = await readLocal(context, sessions);
    return seen && !seen.loading ? seen : undefined;
  };
  return poll(look, {
    deadline_ms: 30 * 60_000,
    every_ms: 5,
    proceed: context.proceed,
    what: "our Redis loading its data set",
  });
}

/** Returns whether something was kept before. */
async function followSource(
  context: RecoveryContext,
  sessions: Sessions,
  source: SeenPeer,
  ours: Observed,
): Promise<boolean> {
  if (copiesFrom(ours, source)) return false;
  const seen = await observeSession(await sessions.of(source.name));
  if (seen.kind !== "observed") throw new CommandRefused(`${source.name} stopped answering: ${seen.detail}`);
  const { node, cluster } = context;
  const here = {
    name: node.name,
    host: node.address,
    port: cluster.redis.port,
    seen: ours,
    holdsVip: holdsVip(cluster),
  };
  // Nothing has to be decided again: hooks and agent wait for the lock that this process holds.
  const steps = follow({ node: here, ours }, { ...source, seen }, "recover-master");
  for (const step of steps) if (step.do !== "confirm") await carryOut(step, context, sessions);
  return steps.some((step) => step.do === "quarantine");
}

/** Waits for the link and the whole copy, showing its progress; gives up when nothing has moved for a minute. */
async function untilInSync(context: RecoveryContext, sessions: Sessions): Promise<number> {
  let bytes = 0;
  let moved = performance.now();
  const look = async () => {
    const seen = await readLocal(context, sessions);
    if (!seen) return undefined;
    const { source, loading } = seen;
    if (source?.progress && source.progress.bytes !== bytes) {
      bytes = source.progress.bytes;
      moved = performance.now();
      context.report.progress("copying", bytes, source.progress.total);
    }
    if (loading) moved = performance.now();
    if (performance.now() - moved > stall_ms) {
      const why = await whyStalled(context, sessions);
      throw new DeadlinePassed(`the link to the master did not come up within ${stall_ms / 1000} s; ${why}`);
    }
    return source?.link === "up" && !loading;
  };
  await poll(look, { deadline_ms: 24 * 3600_000, every_ms: 20, proceed: context.proceed, what: "the copy" });
  context.report.done(bytes > 0 ? `in sync: copied the data set (${inUnits(bytes)})` : "in sync", { bytes });
  return bytes;
}

async function whyStalled(context: RecoveryContext, sessions: Sessions): Promise<string> {
  const found = await linkProblem(await sessions.of(context.node.name), context.password);
  return found ?? "see this server's own log for why";
}
