import { setting } from "./commands.ts";
import type { Session } from "./session.ts";

/** Why a replica's link to its master does not come up, if its own settings tell; undefined otherwise. Never rejects. */
export async function linkProblem(replica: Session, password: string | undefined): Promise<string | undefined> {
  const masterauth = await setting(replica, "masterauth").catch(() => undefined);
  if (masterauth === undefined || password === undefined || masterauth === password) return undefined;
  return "its masterauth is not the cluster's password: set it in redis.conf, and with CONFIG SET masterauth";
}
