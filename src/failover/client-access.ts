import { existsSync, readFileSync, rmSync } from "node:fs";
import type { NodeContext } from "../cluster/context.ts";
import { writeTrackFile } from "../keepalived/track-file.ts";
import { vipOf } from "../keepalived/virtual-ip.ts";
import { dropClientsAt, listeningOn, listenOn } from "../redis/commands.ts";
import type { Session } from "../redis/session.ts";

/**
 * Before the virtual IP leaves on purpose: ends the sessions of clients, and has Redis listen on this node's own address only. A
 * request that is under way when the address goes waits for TCP's retransmission (200 ms and more, measured), and so does a SYN; a
 * refused client asks again at once. What Redis listened on is kept in a file, for whoever lets clients in again. Never rejects:
 * the address moves without it, too, only slower for its clients.
 */
export async function blockClients(open: () => Promise<Session>, context: NodeContext): Promise<void> {
  const { cluster, node, paths, log } = context;
  if (existsSync(paths.blockedClients)) return;
  try {
    const session = await open();
    writeTrackFile(paths.blockedClients, await listeningOn(session));
    // Peers and our own executables come by these. "-": a host without IPv6 is no error.
    await listenOn(session, `${node.address} 127.0.0.1 -::1`);
    const dropped = await dropClientsAt(session, vipOf(cluster), cluster.redis.port);
    log.info("clients-blocked", "clients blocked until the virtual IP has moved", { dropped });
  } catch (error) {
    const { message } = error as Error;
    log.warn("client-access-failed", "can't block clients, the virtual IP moves all the same", { error: message });
    await unblockClients(open, context);
  }
}

/**
 * Undoes it, whoever did it; nothing where nobody did. A Redis that was restarted meanwhile just hears what it knows. Never
 * rejects.
 */
export async function unblockClients(open: () => Promise<Session>, { paths, log }: NodeContext): Promise<void> {
  if (!existsSync(paths.blockedClients)) return;
  try {
    await listenOn(await open(), readFileSync(paths.blockedClients, "utf8").trim());
    rmSync(paths.blockedClients, { force: true });
    log.info("clients-unblocked", "clients let in again");
  } catch (error) {
    const { message } = error as Error;
    log.error("client-access-failed", "can't let clients in: set Redis' bind by hand", { error: message });
  }
}
