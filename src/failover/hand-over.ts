import { compareHistories, contained } from "../decide/history.ts";
import { complete } from "../decide/may-serve.ts";
import type { Observed } from "../model/observation.ts";
import type { Target } from "../model/plan.ts";
import { dropClients, follow, pauseWrites, promote, unpause } from "../redis/commands.ts";
import { observeSession } from "../redis/observe.ts";
import type { Session } from "../redis/session.ts";
import { DeadlinePassed, poll } from "../system/poll.ts";
import { Stopped } from "./errors.ts";

export interface HandOver {
  /** The old master. */
  from: Session;
  /** The new master: a replica, or a second master already. */
  to: Session;
  /** The address of the new master. */
  toTarget: Target;
  deadline_ms: number;
  /** Throws when the hand-over must stop. Called until the first role is changed, not after. */
  proceed: () => void;
}

/**
 * Moves the master role without losing a write: writes are held back at the old master until the new one has them all. The old
 * master becomes a replica first, so there are never two. If this process dies, the fence ends by itself; if a step
 * fails before the promotion, all is undone. Returns for how many ms writes waited. Measured: docs/notes/redis.md.
 */
export async function handOver({ from, to, toTarget, deadline_ms, proceed }: HandOver): Promise<number> {
  const started = performance.now();
  const alreadyMaster = await isMaster(to);
  // A replica with paused writes does not apply its master's writes and would never catch up. On a master the pause may belong
  // to another hand-over, so it stays.
  await Promise.all([pauseWrites(from, deadline_ms + 1000), ...(alreadyMaster ? [] : [unpause(to)])]);
  let demoted = false;
  try {
    const what = `${toTarget.name} catching up with its master`;
    await poll(() => readyToSwap(from, to, alreadyMaster), { deadline_ms, every_ms: 1, proceed, what });
    // If this process stood still (a frozen host), the fence may have ended and writes may have come.
    if (performance.now() - started > deadline_ms)
      throw new DeadlinePassed(`${what}: not within ${deadline_ms / 1000} s`);
    await follow(from, toTarget.host, toTarget.port);
    demoted = true;
    // A PING, or a write if another process lifted the fence, may have come since the comparison. It must be copied, too.
    const caughtUp = async () => hasAllWrites(...(await observeBoth(from, to)));
    await poll(caughtUp, { deadline_ms: 500, every_ms: 1, proceed: () => undefined, what });
    if (!alreadyMaster) await promote(to);
    const waited = performance.now() - started;
    await Promise.allSettled([dropClients(from), unpause(from)]);
    return waited;
  } catch (error) {
    const promoted = demoted && (await isMaster(to));
    if (!promoted) await undo(from, demoted);
    else await unpause(from).catch(() => undefined);
    if (promoted) return performance.now() - started;
    throw error;
  }
}

/** Whether the new master has all writes of the old one. Throws Stopped if the roles have changed. */
async function readyToSwap(from: Session, to: Session, alreadyMaster: boolean): Promise<boolean> {
  const [old, next] = await observeBoth(from, to);
  if (old.role !== "master") throw new Stopped("the old master is not master any more");
  if ((next.role === "master") !== alreadyMaster) throw new Stopped("another process changed the roles");
  if (!complete(next)) throw new Stopped("the new master's data set is not complete");
  return hasAllWrites(old, next);
}

function hasAllWrites(old: Observed, next: Observed): boolean {
  const relation = compareHistories(old.history, next.history);
  return contained(relation) || (relation.kind === "unrelated" && old.keys === 0);
}

const observeBoth = (from: Session, to: Session) => Promise.all([observe(from), observe(to)]);

async function observe(session: Session): Promise<Observed> {
  const seen = await observeSession(session);
  if (seen.kind !== "observed") throw new DeadlinePassed(seen.detail);
  return seen;
}

const isMaster = (session: Session): Promise<boolean> =>
  observe(session).then(
    ({ role }) => role === "master",
    () => false,
  );

async function undo(from: Session, demoted: boolean): Promise<void> {
  if (demoted) await promote(from).catch(() => undefined);
  await unpause(from).catch(() => undefined);
}
