import { CommandRefused } from "../cluster/errors.ts";
import { recovery } from "../decide/recovery.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { SeenPeer } from "../model/situation.ts";
import { setting } from "../redis/commands.ts";
import { observeCluster } from "../redis/observe-cluster.ts";
import type { Sessions } from "../redis/sessions.ts";
import type { RecoveryContext } from "./context.ts";

const serverNames = { redis: "Redis", valkey: "Valkey" };

/**
 * All checks that can be made before anything is changed. Returns the master to copy from, undefined when this node is
 * the master already; throws a CommandRefused with its remedy in every other case.
 */
export async function preflight(context: RecoveryContext, sessions: Sessions): Promise<SeenPeer | undefined> {
  const situation = await observeCluster(context, sessions, { ...context, holdsVip: holdsVip(context.cluster) });
  const found = recovery(situation);
  if (found.kind === "refused") throw new CommandRefused(found.refusal.cause, { remedy: found.refusal.remedy });
  if (found.kind === "master-here") return undefined;
  const { source } = found;
  context.report.done(
    `${source.name} is master (${source.seen.keys} keys, ${serverNames[source.seen.server]} ${source.seen.version}) and accepts our password`,
  );
  await noteMasterauth(context, sessions, source);
  return source;
}

/** A master without a masterauth that fits can never come back as a replica: the operator should know now. */
async function noteMasterauth(context: RecoveryContext, sessions: Sessions, source: SeenPeer): Promise<void> {
  if (context.password === undefined) return;
  const masterauth = await setting(await sessions.of(source.name), "masterauth").catch(() => undefined);
  if (masterauth === undefined || masterauth === context.password) return;
  context.report.note(
    `${source.name} has no masterauth that fits: it can't copy from this node later: set masterauth in its redis.conf`,
  );
}
