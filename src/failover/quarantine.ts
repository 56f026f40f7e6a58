import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesBeyond, compareHistories, contained } from "../decide/history.ts";
import { complete } from "../decide/may-serve.ts";
import { atStakeInWords } from "../decide/plan.ts";
import type { Relation } from "../model/history.ts";
import type { Observed } from "../model/observation.ts";
import type { Step } from "../model/plan.ts";
import { park, promote } from "../redis/commands.ts";
import { withoutCopyDelay } from "../redis/copy-delay.ts";
import { observeSession } from "../redis/observe.ts";
import { countAt } from "../redis/observe-writes.ts";
import { copyRdb } from "../redis/rdb-copy.ts";
import { endpointOf } from "../redis/session.ts";
import type { Sessions } from "../redis/sessions.ts";
import { lastDump, nextDumpName, removeOldestDumps } from "../state/quarantine.ts";
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
    // Behind the fence, so its history has every write that the dump will have.
    const held = await observeSession(session);
    if (held.kind !== "observed") throw new Error(`the local Redis does not answer: ${held.detail}`);
    const shared = source?.kind === "observed" ? compareHistories(held.history, source.history) : undefined;
    if (shared && !contained(shared) && (await noWriteBeyond(shared, held, context)))
      return { message: "kept no dump: the master has every write of the local Redis", bytes_at_stake: step.bytes };
    const last = lastDump(context.paths.quarantine);
    if (last?.history && (await noWriteBeyond(compareHistories(held.history, last.history), held, context)))
      return { message: "kept no dump: the last one has every write of the local Redis", file: last.file };
    const name = nextDumpName(context.paths.quarantine, new Date());
    const file = join(context.paths.quarantine, name);
    const delay = await withoutCopyDelay(session);
    try {
      await copyRdb(endpointOf(context.cluster, context.node, context.password), file, context.proceed);
    } finally {
      await delay.restore();
    }
    // The first copy of a master begins its replication history, so its position is read after it.
    const after = await observeSession(session);
    if (!fence.unbroken()) throw new DeadlinePassed("the fence ended during the dump, so writes may have come");
    const about = {
      why: step.because,
      when: new Date().toISOString(),
      node: context.node.name,
      followed: step.source.name,
      bytes_at_stake: step.bytes,
      keys: held.keys,
      history: after.kind === "observed" ? after.history : held.history,
      followed_history: source?.kind === "observed" ? source.history : undefined,
      server: held.server,
      server_version: held.version,
    };
    writeFileSync(file.replace(/rdb$/, "json"), `${JSON.stringify(about, undefined, 2)}\n`, { mode: 0o600 });
    const removed = removeOldestDumps(context.paths.quarantine, name);
    return {
      file,
      size: statSync(file).size,
      bytes_at_stake: step.bytes,
      keys: held.keys,
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
 * What only the local Redis has are PINGs between servers and no write of a client. Called behind the fence, on a master, which sends
 * its history (docs/notes/redis.md).
 */
async function noWriteBeyond(relation: Relation, held: Observed, context: PlanContext): Promise<boolean> {
  if (!complete(held)) return false;
  if (relation.kind === "unrelated") return false;
  if (contained(relation)) return true;
  try {
    const after = held.history.offset - bytesBeyond(relation);
    const { writes, deletions } = await countAt(context, context.node.name, held, after);
    return writes + deletions === 0;
  } catch {
    return false;
  }
}

async function parkOverNewSession({ node }: PlanContext, sessions: Sessions): Promise<void> {
  sessions.drop(node.name);
  await park(await sessions.of(node.name));
}
