import { look } from "../redis/observe-cluster.ts";
import type { Sessions } from "../failover/sessions.ts";
import { Refusal } from "../cluster/errors.ts";
import { recovery } from "../decide/recovery.ts";
import type { SeenPeer } from "../decide/situation.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Recovering } from "./recover.ts";

/**
 * All checks that can be made before anything is changed. Returns the master to copy from, undefined when this node is
 * the master already; throws a Refusal that says what to do in every other case.
 */
export async function preflight(run: Recovering, sessions: Sessions): Promise<SeenPeer | undefined> {
  const situation = await look(run, sessions, holdsVip(run.cluster));
  const found = recovery(situation);
  if (found.kind === "refused") throw new Refusal(found.refusal.cause, { hint: found.refusal.wayOut });
  if (found.kind === "master-here") return undefined;
  const { source } = found;
  run.tell.done(
    `${source.name} is master (${source.seen.keys} keys, Redis ${source.seen.version}) and accepts our password`,
  );
  await samePassword(run, sessions, source);
  return source;
}

/** A master whose own requirepass differs from its masterauth can never come back as a replica; better known now. */
async function samePassword(run: Recovering, sessions: Sessions, source: SeenPeer): Promise<void> {
  if (run.password === undefined) return;
  const reply = await (await sessions.of(source.name)).ask("CONFIG", "GET", "masterauth").catch(() => undefined);
  if (!Array.isArray(reply) || reply[1] === run.password) return;
  run.tell.warn(
    `${source.name} has no masterauth that fits: it could not copy from this node later (set masterauth in its redis.conf)`,
  );
}
