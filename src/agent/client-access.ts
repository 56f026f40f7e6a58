import { existsSync } from "node:fs";
import { blockClients, unblockClients } from "../failover/client-access.ts";
import { endpointOf, type Session } from "../redis/session.ts";
import type { Ground } from "./ground.ts";

/** Before this holder gives the virtual IP away on purpose. Never rejects. */
export const partFromClients = (ground: Ground): Promise<void> =>
  withOwn(ground, (session) => blockClients(session, ground));

/** Once the virtual IP has gone, or stays after all. Never rejects. */
export async function welcomeClients(ground: Ground): Promise<void> {
  if (existsSync(ground.paths.blockedClients)) await withOwn(ground, (session) => unblockClients(session, ground));
}

async function withOwn(ground: Ground, act: (session: Session) => Promise<void>): Promise<void> {
  const { cluster, node, password, open, log } = ground;
  try {
    await act(await open(endpointOf(cluster, node, password), cluster.agent.timeout * 1000));
  } catch (error) {
    log.warn("our Redis doesn't answer, clients stay as they are", { error: (error as Error).message });
  }
}
