import { existsSync, readFileSync, rmSync } from "node:fs";
import type { NodeContext } from "../cluster/context.ts";
import { writeTrackFile } from "../keepalived/track-file.ts";
import { vipOf } from "../keepalived/virtual-ip.ts";
import { dropClientsAt, listeningOn, listenOn } from "../redis/commands.ts";
import type { Session } from "../redis/session.ts";

/**
 * Blocks clients before a planned move of the virtual IP: ends their sessions, and makes Redis listen on the address of this node
 * only. Otherwise a request or SYN that is on its way when the address leaves waits for TCP's retransmission (200 ms and more,
 * measured); a refused client connects again at once. The previous `bind` is kept in a file for `unblockClients`. Never
 * rejects: the address can move without this, only slower for clients.
 */
export async function blockClients(open: () => Promise<Session>, context: NodeContext): Promise<void> {
  const { cluster, node, paths, log } = context;
  if (existsSync(paths.blockedClients)) return;
  try {
    const session = await open();
    writeTrackFile(paths.blockedClients, await listeningOn(session));
    // For the peers and our executables. "-": a host without IPv6 is no error.
    await listenOn(session, `${node.address} 127.0.0.1 -::1`);
    const dropped = await dropClientsAt(session, vipOf(cluster), cluster.redis.port);
    log.info("clients-blocked", "clients blocked until the virtual IP has moved", { dropped });
  } catch (error) {
    const { message } = error as Error;
    log.warn("client-access-failed", "can't block clients; the virtual IP moves without it", { error: message });
    await unblockClients(open, context);
  }
}

/** Undoes `blockClients`, whichever process called it, and also if Redis was restarted meanwhile. Never rejects. */
export async function unblockClients(open: () => Promise<Session>, { paths, log }: NodeContext): Promise<void> {
  if (!existsSync(paths.blockedClients)) return;
  try {
    await listenOn(await open(), readFileSync(paths.blockedClients, "utf8").trim());
    rmSync(paths.blockedClients, { force: true });
    log.info("clients-unblocked", "clients unblocked");
  } catch (error) {
    const { message } = error as Error;
    log.error("client-access-failed", "can't unblock clients: set `bind` of Redis by hand", { error: message });
  }
}
