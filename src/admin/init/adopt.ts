import { mkdirSync } from "node:fs";
import type { Node } from "../../cluster/schema.ts";
import type { Adoption } from "../../decide/adoption.ts";
import type { PlanContext } from "../../failover/context.ts";
import type { SeenPeer } from "../../model/situation.ts";
import { park, promote } from "../../redis/commands.ts";
import { observeSession } from "../../redis/observe.ts";
import { observeNode } from "../../redis/observe-cluster.ts";
import { Sessions } from "../../redis/sessions.ts";
import { lastServed, rememberServed } from "../../state/served.ts";
import { takeLock } from "../../system/lock.ts";
import { poll } from "../../system/poll.ts";
import type { Reporter } from "../reporter.ts";

const lockWait_s = 60;
const park_ms = 10_000;

export interface AdoptContext extends PlanContext {
  report: Reporter;
}

/**
 * Makes the data set of this node the one that is served: parks other masters, promotes the local Redis, and writes the served record
 * down, so that from now on an older data set is known as one. `notify-master --allow-data-loss` promotes as well, but parks nobody.
 */
export async function adopt(context: AdoptContext, { park: others, promote: needed }: Adoption & { kind: "serve" }) {
  const { node, paths, report } = context;
  const sessions = new Sessions(context);
  mkdirSync(paths.state, { recursive: true, mode: 0o755 });
  const lock = await takeLock(paths.lock, lockWait_s);
  try {
    for (const other of others) await parkMaster(context, sessions, other);
    context.proceed();
    const session = await sessions.of(node.name);
    if (needed) await promote(session);
    const seen = await observeSession(session);
    if (seen.kind !== "observed") throw new Error(`the local Redis does not answer: ${seen.detail}`);
    const { history, keys, runId, unsaved } = seen;
    if (lastServed(paths.served)?.history.id === history.id) {
      report.done(`the ${keys} keys of ${node.name} are served already`);
      return;
    }
    const seenAt = { runId, unsaved };
    rememberServed(paths.served, { history, at_ms: Date.now(), by: node.name, seenAt, keys, marks: [] });
    report.done(`adopted: the ${keys} keys of ${node.name} are the data of the cluster ${context.cluster.name}`, {
      keys,
    });
  } finally {
    lock.release();
    sessions.closeAll();
  }
}

/** Its agent may see this node meanwhile, follow it by itself and end our session: then nothing is left to do. */
async function parkMaster(context: AdoptContext, sessions: Sessions, { name, seen: before }: SeenPeer): Promise<void> {
  const { cluster, proceed, report } = context;
  const node = cluster.nodes.find((one) => one.name === name) as Node;
  const noMaster = async () => {
    const seen = await observeNode(context, sessions, node);
    if (seen.kind !== "observed") return false;
    if (seen.role === "master") await park(await sessions.of(name)).catch(() => sessions.drop(name));
    return seen.role !== "master";
  };
  await poll(noMaster, { deadline_ms: park_ms, every_ms: 20, proceed, what: `${name} being parked` });
  report.done(
    before.keys === 0
      ? `${name} is no master any more; it had no keys`
      : `${name} is parked: it takes no writes any more, and keeps its ${before.keys} keys until it has dumped them`,
  );
}
