import { compareHistories } from "../decide/history.ts";
import { info, pauseWrites, unpause } from "../redis/commands.ts";
import { keysByDatabase, parseInfo } from "../redis/info.ts";
import type { Session } from "../redis/session.ts";
import { poll } from "../system/poll.ts";

export interface Compared {
  keys: Record<string, number>;
  offset: number;
}

// Under a steady load the two never stand still at the same moment, so the last look holds the writes back this long.
const longestPause_ms = 500;

/**
 * Holds the master against its replica: same history, same offset, same number of keys in every database. Looks again
 * while writes go on, and at last holds them back for a moment. Rejects when the two differ even then.
 */
export async function verify(master: Session, replica: Session, deadline_ms: number): Promise<Compared> {
  const look = { every_ms: 10, proceed: () => undefined, what: "both nodes at the same place in the same history" };
  try {
    return await poll(() => compare(master, replica), { ...look, deadline_ms });
  } catch {
    await pauseWrites(master, longestPause_ms);
    try {
      return await poll(() => compare(master, replica), { ...look, deadline_ms: longestPause_ms - 100 });
    } catch {
      const [ours, theirs] = [await read(master), await read(replica)];
      throw new Error(`the two differ: master ${inWords(ours)}, replica ${inWords(theirs)}`);
    } finally {
      await unpause(master).catch(() => undefined);
    }
  }
}

async function compare(master: Session, replica: Session): Promise<Compared | undefined> {
  const [a, b] = await Promise.all([read(master), read(replica)]);
  if (compareHistories(a.history, b.history).kind !== "same") return undefined;
  return JSON.stringify(a.keys) === JSON.stringify(b.keys) ? { keys: a.keys, offset: a.history.offset } : undefined;
}

async function read(session: Session) {
  const text = await info(session);
  const seen = parseInfo(text);
  if (!seen) throw new Error(`${session.endpoint.host}: INFO without a role`);
  return { history: seen.history, keys: keysByDatabase(text) };
}

const inWords = ({ history, keys }: Awaited<ReturnType<typeof read>>): string =>
  `at offset ${history.offset} with ${Object.entries(keys)
    .map(([db, count]) => `${count} keys in db${db}`)
    .join(", ")}`;
