import { CommandRefused } from "../../cluster/errors.ts";
import { peersOf } from "../../cluster/local-node.ts";
import { type BinarySession, openBinary } from "../../redis/ioredis-session.ts";
import { endpointOf } from "../../redis/session.ts";
import type { RedisContext } from "../../redis/sessions.ts";

export const answer_ms = 10_000;
const connect_ms = 2000;

/**
 * A session to the first node that answers, this one first. Any of them knows its commands and where they have their keys. Throws a
 * CommandRefused if none answers.
 */
export async function sessionForKeys({ cluster, node, password }: RedisContext): Promise<BinarySession> {
  for (const one of [node, ...peersOf(cluster, node)]) {
    const session = await openBinary(endpointOf(cluster, one, password), connect_ms).catch(() => undefined);
    if (session) return session;
  }
  throw new CommandRefused("no Redis of this cluster answers, and one is needed to find the keys in commands", {
    remedy: "start one of them first",
  });
}

/** The path of the local server's program; undefined if it does not answer. */
export async function localExecutable({ cluster, node, password }: RedisContext): Promise<string | undefined> {
  const session = await openBinary(endpointOf(cluster, node, password), connect_ms).catch(() => undefined);
  if (!session) return undefined;
  try {
    const info = String(await session.ask([Buffer.from("INFO"), Buffer.from("server")]));
    return /^executable:(.+?)\r?$/m.exec(info)?.[1];
  } catch {
    return undefined;
  } finally {
    session.close();
  }
}
