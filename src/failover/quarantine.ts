import { mkdirSync } from "node:fs";
import { atStakeInWords } from "../decide/plan.ts";
import type { Observation, Observed } from "../model/observation.ts";
import type { Step } from "../model/plan.ts";
import { park, promote } from "../redis/commands.ts";
import { openConnection } from "../redis/connection.ts";
import { announceKeeping } from "../redis/keeping.ts";
import { observeSession } from "../redis/observe.ts";
import { countAt } from "../redis/observe-writes.ts";
import { endpointOf, type Session } from "../redis/session.ts";
import type { Sessions } from "../redis/sessions.ts";
import { giveToFolderOwner } from "../system/owner.ts";
import { DeadlinePassed } from "../system/poll.ts";
import type { PlanContext } from "./context.ts";
import { StepRefused, Stopped } from "./errors.ts";
import { keepWhatOnlyWeHave } from "./keep.ts";
import { type RenewedFence, startRenewedFence } from "./renewed-fence.ts";

const fence_s = 10;
const announce_ms = 1000;

/**
 * Keeps what is about to be overwritten: the writes that only the local Redis has, or, where they can't be read, its whole data set.
 * Beside it a JSON says why. Rejects when that is not possible; then nothing may be overwritten.
 */
export async function quarantine(
  step: Extract<Step, { do: "quarantine" }>,
  context: PlanContext,
  sessions: Sessions,
): Promise<object> {
  const session = await sessions.of(context.node.name);
  const seen = await observeSession(session);
  if (seen.kind !== "observed")
    throw new Stopped(`can't observe the local Redis before its data is kept: ${seen.detail}`);
  const source = await observeSession(await sessions.of(step.source.name)).catch(() => undefined);

  const fence = await startRenewedFence(session, fence_s);
  // A replica without a master refuses to be copied from (NOMASTERLINK). As a fenced master it takes no writes either.
  const promoted = seen.role === "replica" && seen.source?.link !== "up";
  let announcement: Session | undefined;
  // What was begun is ended in any case: an agent that kept the announcement or the fence would have them for as long as it lives.
  try {
    announcement = await announce(context);
    if (promoted) await promote(session);
    return await keepBehind(fence, { step, context, sessions, session, source });
  } finally {
    fence.stopRenewing();
    // A later step may lift the fence, and a transition that is superseded now would leave a second master.
    if (promoted)
      await park(session)
        .catch(() => parkOverNewSession(context, sessions))
        .catch(() => undefined);
    announcement?.close();
  }
}

interface Keeping {
  step: Extract<Step, { do: "quarantine" }>;
  context: PlanContext;
  sessions: Sessions;
  /** Of the local Redis. */
  session: Session;
  source: Observation | undefined;
}

async function keepBehind(fence: RenewedFence, { step, context, sessions, session, source }: Keeping): Promise<object> {
  try {
    if (mkdirSync(context.paths.quarantine, { recursive: true, mode: 0o700 }))
      giveToFolderOwner(context.paths.quarantine);
    // Behind the fence, so its history has every write that will be kept.
    const held = await observeSession(session);
    if (held.kind !== "observed") throw new Error(`the local Redis does not answer: ${held.detail}`);
    const requireNoWrite = async () => {
      // Renewed first, so that a write that comes after this look is held back.
      const whole = await fence.renew();
      if (!whole || (await writtenSince(held, context, session)))
        throw new DeadlinePassed("the fence ended meanwhile, so writes may have come");
    };
    const kept = await keepWhatOnlyWeHave({ step, context, sessions, held, source, requireNoWrite });
    return { ...kept, bytes_at_stake: step.bytes };
  } catch (error) {
    if (error instanceof Stopped || error instanceof DeadlinePassed) throw error;
    if (context.allowDataLoss) return { given_up: true, bytes_at_stake: step.bytes, error: (error as Error).message };
    // Unless it is kept nothing may be overwritten. Parked, the server keeps its data and takes no writes.
    await park(session);
    throw new StepRefused(
      `can't keep what only the local Redis has (${(error as Error).message}), so the local Redis does not follow ${step.source.name}: ${atStakeInWords(step)}`,
      `make room in ${context.paths.quarantine} and run notify-backup, or accept the loss of these writes: notify-backup --allow-data-loss`,
    );
  }
}

/** Over a connection of its own: a subscribed one can't ask anything else. Undefined where Redis refuses it. */
async function announce({ cluster, node, password }: PlanContext): Promise<Session | undefined> {
  let session: Session | undefined;
  try {
    session = await openConnection(endpointOf(cluster, node, password), announce_ms);
    await announceKeeping(session, cluster);
    return session;
  } catch {
    session?.close();
    return undefined;
  }
}

/**
 * The other node may have lifted the fence: one that follows lets its new master's writes through (seed 822, round 23: 577 writes). PINGs
 * go on. Where the writes are not counted, or a copy has begun a new history, the time of the fence alone tells.
 */
async function writtenSince(held: Observed, context: PlanContext, session: Session): Promise<boolean> {
  const now = await observeSession(session);
  if (now.kind !== "observed") return true;
  const { history } = held;
  if (history.uncounted || now.history.id !== history.id || now.history.offset === history.offset) return false;
  const count = await countAt(context, context.node.name, now, history.offset).catch(() => undefined);
  return !count || count.writes + count.deletions > 0;
}

async function parkOverNewSession({ node }: PlanContext, sessions: Sessions): Promise<void> {
  sessions.drop(node.name);
  await park(await sessions.of(node.name));
}
