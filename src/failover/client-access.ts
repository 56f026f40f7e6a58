import { existsSync, readFileSync, rmSync } from "node:fs";
import { writeTrackFile } from "../keepalived/track-file.ts";
import { vipOf } from "../keepalived/virtual-ip.ts";
import { dropClientsAt, listeningOn, listenOn } from "../redis/commands.ts";
import type { Session } from "../redis/session.ts";
import type { PlanContext } from "./context.ts";

type Place = Pick<PlanContext, "cluster" | "node" | "paths" | "log">;

/**
 * Before the virtual IP leaves on purpose: ends the sessions of clients and listens on this node's own address only. A
 * request that is under way when the address goes waits for TCP's retransmission (200 ms and more, measured), and so does
 * a SYN; a refused client asks again at once. What was listened on is kept in a file, for whoever lets clients in again.
 * Never rejects: the address moves without it, too, only slower for its clients.
 */
export async function blockClients(session: Session, place: Place): Promise<void> {
  const { cluster, node, paths, log } = place;
  if (existsSync(paths.blockedClients)) return;
  try {
    const before = await listeningOn(session);
    writeTrackFile(paths.blockedClients, before);
    // Peers and our own executables come by these. "-": where there is no IPv6 that is no mistake.
    await listenOn(session, `${node.address} 127.0.0.1 -::1`);
    const dropped = await dropClientsAt(session, vipOf(cluster), cluster.redis.port);
    log.info("clients turned away until the virtual IP has moved", { step: "turn-away", dropped });
  } catch (error) {
    log.warn("can't turn clients away, the virtual IP moves all the same", { error: (error as Error).message });
    await unblockClients(session, place);
  }
}

/** Undoes it, whoever did it; nothing where nobody did. A Redis that was restarted meanwhile just hears what it knows. */
export async function unblockClients(session: Session, { paths, log }: Place): Promise<void> {
  if (!existsSync(paths.blockedClients)) return;
  try {
    await listenOn(session, readFileSync(paths.blockedClients, "utf8").trim());
    rmSync(paths.blockedClients, { force: true });
    log.info("clients let in again", { step: "let-in" });
  } catch (error) {
    log.error("can't let clients in: set Redis' bind by hand", { error: (error as Error).message });
  }
}
