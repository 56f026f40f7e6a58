import { CommandRefused } from "../../cluster/errors.ts";
import { info } from "../../redis/commands.ts";
import type { Session } from "../../redis/session.ts";

/** Rejects with a CommandRefused if somebody else decides the role of the local Redis: Sentinel or Redis Cluster. */
export async function requireNoOtherManager(session: Session): Promise<void> {
  const clients = await session.ask("CLIENT", "LIST").then(String, () => "");
  const found = otherManager(await info(session), clients);
  if (found) throw new CommandRefused(found.cause, { remedy: found.remedy });
}

/** By the replies of INFO and CLIENT LIST. A Sentinel that is not connected now does not show. */
export function otherManager(info: string, clients: string): { cause: string; remedy: string } | undefined {
  if (/^cluster_enabled:1\r?$/m.test(info))
    return {
      cause: "the local Redis is a node of a Redis Cluster, which fails over by itself",
      remedy: "a server without cluster-enabled can be set up",
    };
  const [, address] = /\baddr=(\S+):\d+ .*\bname=sentinel-[0-9a-f]+-(?:cmd|pubsub) /.exec(clients) ?? [];
  if (address === undefined) return undefined;
  return {
    cause: `a Sentinel at ${address} watches the local Redis, and would change its role as well`,
    remedy:
      "stop all Sentinels, or take it from them (`SENTINEL MASTERS`, then `SENTINEL REMOVE NAME`); then run this again",
  };
}
