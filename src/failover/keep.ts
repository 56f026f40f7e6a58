import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesBeyond, compareHistories, contained } from "../decide/history.ts";
import { complete } from "../decide/may-serve.ts";
import type { Relation } from "../model/history.ts";
import type { Kept } from "../model/kept.ts";
import type { Observation, Observed } from "../model/observation.ts";
import type { Step } from "../model/plan.ts";
import { databasesOf } from "../redis/commands.ts";
import { withoutCopyDelay } from "../redis/copy-delay.ts";
import { observeSession } from "../redis/observe.ts";
import { countAt } from "../redis/observe-writes.ts";
import { copyRdb } from "../redis/rdb-copy.ts";
import { endpointOf } from "../redis/session.ts";
import type { Sessions } from "../redis/sessions.ts";
import { descriptionOf, keptIn, nextName, removeSuperfluous } from "../state/quarantine.ts";
import { giveToFolderOwner } from "../system/owner.ts";
import type { PlanContext } from "./context.ts";
import { type KeptWrites, keepWrites } from "./keep-writes.ts";

/** The local Redis is a master, and its writes are held back. */
interface Held {
  step: Extract<Step, { do: "quarantine" }>;
  context: PlanContext;
  sessions: Sessions;
  /** Observed behind the fence, so its history has every write that will be kept. */
  held: Observed;
  /** The new master. */
  source: Observation | undefined;
  /** Rejects if a write has come since. */
  requireNoWrite: () => Promise<void>;
}

/**
 * Keeps the writes that only the local Redis has, or, where they can't be read, its whole data set. Returns the fields of the log line.
 * Rejects if they can't be kept.
 */
export async function keepWhatOnlyWeHave(here: Held): Promise<object> {
  const { context, held, source } = here;
  const folder = context.paths.quarantine;
  const shared = source?.kind === "observed" ? compareHistories(held.history, source.history) : undefined;
  const file = await keptAlready(here, shared);
  if (file !== undefined) {
    await here.requireNoWrite();
    return { message: "kept nothing: the last file has every write that only the local Redis has", file };
  }
  const name = nextName(folder, new Date());
  const writes = await keepDiverged(here, shared, join(folder, `${name}.aof`));
  if (writes.kind === "none") {
    await here.requireNoWrite();
    return { message: "kept nothing: the local Redis has no write that its new master lacks" };
  }
  if (writes.kind === "kept")
    return {
      message: "kept the diverged writes",
      ...(await describe(here, `${name}.aof`, { writes: writes.writes })),
      ...writes.writes,
    };
  const because = { no_writes_because: writes.why };
  const history = await dump(here, join(folder, `${name}.rdb`));
  return { ...(await describe(here, `${name}.rdb`, { history, ...because })), keys: held.keys, ...because };
}

/** The newest file, if a transition that came to nothing has kept the same writes there. */
async function keptAlready({ context, held }: Held, shared: Relation | undefined): Promise<string | undefined> {
  const [last] = keptIn(context.paths.quarantine);
  if (!last?.about?.history) return undefined;
  const { history, writes } = last.about;
  if (writes && (!shared || shared.kind === "unrelated" || writes.after > partingPoint(held, shared))) return undefined;
  return (await noWriteBeyond(compareHistories(held.history, history), held, context)) ? last.file : undefined;
}

const partingPoint = (held: Observed, shared: Exclude<Relation, { kind: "unrelated" }>): number =>
  held.history.offset - bytesBeyond(shared);

/** Keeps the writes that the new master lacks, if they are known, and if the cluster file does not ask for dumps. */
async function keepDiverged(
  { step, context, sessions, held }: Held,
  shared: Relation | undefined,
  file: string,
): Promise<KeptWrites> {
  if (context.cluster.failover.quarantine === "dump")
    return { kind: "unreadable", why: 'failover.quarantine = "dump"' };
  if (!shared || shared.kind === "unrelated" || contained(shared) || !complete(held))
    return { kind: "unreadable", why: "the two histories can't be compared" };
  return keepWrites(context, held, partingPoint(held, shared), file, async () => {
    const nodes = [context.node.name, step.source.name];
    const used = await Promise.all(nodes.map(async (name) => databasesOf(await sessions.of(name))));
    const all = [...new Set(used.flat())];
    return all.length === 1 ? all[0] : undefined;
  });
}

/** Copies the whole data set, and returns the history that it has. */
async function dump({ context, sessions, held }: Held, file: string) {
  const session = await sessions.of(context.node.name);
  const delay = await withoutCopyDelay(session);
  try {
    await copyRdb(endpointOf(context.cluster, context.node, context.password), file, context.proceed);
  } finally {
    await delay.restore();
  }
  // The first copy of a master begins its replication history, so its position is read after it.
  const after = await observeSession(session);
  return after.kind === "observed" ? after.history : held.history;
}

/** Writes the description beside a file, which counts only now, and removes what is superfluous. */
async function describe(here: Held, name: string, more: Partial<Kept>): Promise<object> {
  const { step, context, held, source } = here;
  await here.requireNoWrite();
  const about: Kept = {
    why: step.because,
    when: new Date().toISOString(),
    node: context.node.name,
    followed: step.source.name,
    bytes_at_stake: step.bytes,
    keys: held.keys,
    history: held.history,
    followed_history: source?.kind === "observed" ? source.history : undefined,
    server: held.server,
    server_version: held.version,
    ...more,
  };
  const folder = context.paths.quarantine;
  const file = join(folder, name);
  await writeFile(descriptionOf(file), `${JSON.stringify(about, undefined, 2)}\n`, { mode: 0o600, flush: true });
  giveToFolderOwner(descriptionOf(file));
  const removed = await removeSuperfluous(folder, name);
  return { file, size: statSync(file).size, ...(removed.length ? { removed } : {}) };
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
