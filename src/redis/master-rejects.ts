import { setting } from "./commands.ts";
import { openConnection } from "./connection.ts";
import { observeSession } from "./observe.ts";
import type { Endpoint, Session } from "./session.ts";

/**
 * Whether the master rejects what this replica logs in with, tried with a connection of our own: a `masterauth` that is not the cluster's
 * password may be right, with a `masteruser` or while a password is being changed. False if nobody knows. Never rejects.
 */
export async function masterRejects(replica: Session, master: Endpoint, deadline_ms: number): Promise<boolean> {
  try {
    const [username, password] = await Promise.all([setting(replica, "masteruser"), setting(replica, "masterauth")]);
    const login = { username: username || undefined, password: password || undefined };
    const session = await openConnection({ ...master, ...login }, deadline_ms);
    const seen = await observeSession(session).finally(() => session.close());
    return seen.kind === "rejected" && seen.why === "password";
  } catch {
    return false;
  }
}
