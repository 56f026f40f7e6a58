import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareHistories } from "../decide/history.ts";
import { complete } from "../decide/may-serve.ts";
import { atStakeInWords } from "../decide/plan.ts";
import type { Observation } from "../model/observation.ts";
import type { Step } from "../model/plan.ts";
import { park, promote } from "../redis/commands.ts";
import { withoutCopyDelay } from "../redis/copy-delay.ts";
import { observeSession } from "../redis/observe.ts";
import { countAt } from "../redis/observe-writes.ts";
import { copyRdb } from "../redis/rdb-copy.ts";
import { endpointOf } from "../redis/session.ts";
import type { Sessions } from "../redis/sessions.ts";
import { nextDumpName, removeOldestDumps } from "../state/quarantine.ts";
import { DeadlinePassed } from "../system/poll.ts";
import type { PlanContext } from "./context.ts";
import { StepRefused, Stopped } from "./errors.ts";
import { startRenewedFence } from "./renewed-fence.ts";

const fence_s = 10;

/**
 * Keeps the local data set before it is overwritten: an RDB, copied over the replication protocol, and a JSON that says why.
 * Rejects when that is not possible; then nothing may be overwritten.
 */
export async function quarantine(
  step: Extract<Step, { do: "quarantine" }>,
  context: PlanContext,
  sessions: Sessions,
): Promise<object> {
  const session = await sessions.of(context.node.name);
  const seen = await observeSession(session);
  if (seen.kind !== "observed") throw new Stopped(`can't observe the local Redis before the dump: ${seen.detail}`);
  const source = await observeSession(await sessions.of(step.source.name)).catch(() => undefined);

  const fence = await startRenewedFence(session, fence_s);
  // A replica without a master refuses to be copied from (NOMASTERLINK). As a fenced master it takes no writes either.
  const promoted = seen.role === "replica" && seen.source?.link !== "up";
  if (promoted) await promote(session);
  try {
    mkdirSync(context.paths.quarantine, { recursive: true, mode: 0o700 });
    if (await holdsNoWrite(context, promoted ? await observeSession(session) : seen, source))
      return { nothing_to_keep: true, bytes_at_stake: step.bytes };
    const name = nextDumpName(context.paths.quarantine, new Date());
    const file = join(context.paths.quarantine, name);
    const delay = await withoutCopyDelay(session);
    try {
      await copyRdb(endpointOf(context.cluster, context.node, context.password), file, context.proceed);
    } finally {
      await delay.restore();
    }
    if (!fence.unbroken()) throw new DeadlinePassed("the fence ended during the dump, so writes may have come");
    const about = {
      why: step.because,
      when: new Date().toISOString(),
      node: context.node.name,
      followed: step.source.name,
      bytes_at_stake: step.bytes,
      keys: seen.keys,
      history: seen.history,
      followed_history: source?.kind === "observed" ? source.history : undefined,
      server: seen.server,
      server_version: seen.version,
    };
    writeFileSync(file.replace(/rdb$/, "json"), `${JSON.stringify(about, undefined, 2)}\n`, { mode: 0o600 });
    const removed = removeOldestDumps(context.paths.quarantine, name);
    return {
      file,
      size: statSync(file).size,
      bytes_at_stake: step.bytes,
      keys: seen.keys,
      ...(removed.length ? { removed } : {}),
    };
  } catch (error) {
    if (error instanceof Stopped || error instanceof DeadlinePassed) throw error;
    if (context.allowDataLoss) return { given_up: true, bytes_at_stake: step.bytes, error: (error as Error).message };
    // Without a dump nothing may be overwritten. Parked, the server keeps its data and takes no writes.
    await park(session);
    throw new StepRefused(
      `can't keep a dump of the local data set (${(error as Error).message}), so the local Redis does not follow ${step.source.name}: ${atStakeInWords(step)}`,
      `make room in ${context.paths.quarantine} and run notify-backup, or accept the loss of these writes: notify-backup --allow-data-loss`,
    );
  } finally {
    fence.stopRenewing();
    // A later step may lift the fence, and a transition that is superseded now would leave a second master.
    if (promoted)
      await park(session)
        .catch(() => parkOverNewSession(context, sessions))
        .catch(() => undefined);
  }
}

/**
 * What only the local Redis has are PINGs between servers and no write of a client: there is nothing to keep. Called behind the fence,
 * on a master, which sends its history (docs/notes/redis.md).
 */
async function holdsNoWrite(
  context: PlanContext,
  seen: Observation,
  source: Observation | undefined,
): Promise<boolean> {
  if (seen.kind !== "observed" || source?.kind !== "observed" || !complete(seen)) return false;
  const relation = compareHistories(seen.history, source.history);
  if (relation.kind !== "diverged" && relation.kind !== "ahead") return false;
  try {
    const after = seen.history.offset - relation.ours;
    const { writes, deletions } = await countAt(context, context.node.name, seen, after);
    return writes + deletions === 0;
  } catch {
    return false;
  }
}

async function parkOverNewSession({ node }: PlanContext, sessions: Sessions): Promise<void> {
  sessions.drop(node.name);
  await park(await sessions.of(node.name));
}
