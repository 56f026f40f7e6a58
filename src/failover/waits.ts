import { peersOf } from "../cluster/local-node.ts";
import { mayBeSlow } from "../decide/peer-gone.ts";
import { stalled, stalled_s } from "../decide/situation.ts";
import type { Observation, Observed } from "../model/observation.ts";
import { linkProblem } from "../redis/link-problem.ts";
import { masterRejects } from "../redis/master-rejects.ts";
import { observeSession } from "../redis/observe.ts";
import { observePeers } from "../redis/observe-cluster.ts";
import { endpointOf } from "../redis/session.ts";
import type { Sessions } from "../redis/sessions.ts";
import { DeadlinePassed, poll } from "../system/poll.ts";
import type { PlanContext } from "./context.ts";
import { StepRefused } from "./errors.ts";

// To copy or to load a large data set takes minutes. A newer transition ends the wait at once.
const deadline_ms = 30 * 60 * 1000;
const observeMaster_ms = 1000;
const askProblem_ms = 1000;

/**
 * Waits until the local replica is in sync. Rejects with DeadlinePassed when its master is gone, and with StepRefused when its own
 * settings keep the link down: then the virtual IP must not wait here (15 s beside a healthy master, seed 911 of chaos).
 */
export async function waitSynced(context: PlanContext, sessions: Sessions): Promise<void> {
  const masterGone = masterWatch(context, sessions);
  const problem = problemWatch(context, sessions);
  await poll(
    async () => {
      const seen = await observeLocal(context, sessions);
      if (seen.kind !== "observed") return false;
      if (stalled(seen) || (await masterGone(seen)))
        throw new DeadlinePassed("the master of the local replica is gone");
      if (seen.source?.link === "up" && !seen.source.syncing && !seen.loading) return true;
      const why = await problem(seen);
      if (why !== undefined)
        throw new StepRefused(
          `the copy from the master can't begin: ${why}`,
          "`doctor masterauth` on this node names the line to change",
        );
      return false;
    },
    { deadline_ms, every_ms: 5, proceed: context.proceed, what: "the copy from the master" },
  );
}

/** Waits until the local Redis has loaded its data set, or doesn't answer any more. */
export async function waitLoaded(context: PlanContext, sessions: Sessions): Promise<void> {
  await poll(
    async () => {
      const seen = await observeLocal(context, sessions);
      return seen.kind !== "observed" || !seen.loading;
    },
    { deadline_ms, every_ms: 20, proceed: context.proceed, what: "loading the data set" },
  );
}

/** Waits until each peer answers, or its host says that nobody listens there; `failover.handover_timeout` at most. */
export async function waitAnswer(context: PlanContext, sessions: Sessions): Promise<void> {
  const peers = peersOf(context.cluster, context.node);
  const answered = async () => (await observePeers(context, sessions, peers)).every(({ seen }) => !mayBeSlow(seen));
  const deadline_ms = context.cluster.failover.handover_timeout * 1000;
  const wait = { deadline_ms, every_ms: 20, proceed: context.proceed, what: "an answer of the peers" };
  await poll(answered, wait).catch((error: Error) => {
    // The next decision takes them for hung.
    if (!(error instanceof DeadlinePassed)) throw error;
  });
}

/** Why the master rejects this replica, once the link has been down for a second; asked once a second, unless a copy goes on. */
function problemWatch(
  { cluster, node, password }: PlanContext,
  sessions: Sessions,
): (ours: Observed) => Promise<string | undefined> {
  let asked_ms = performance.now();
  return async ({ source }) => {
    const now_ms = performance.now();
    if (!source || source.link === "up" || source.syncing || now_ms - asked_ms < askProblem_ms) return undefined;
    asked_ms = now_ms;
    const master = cluster.nodes
      .map((one) => endpointOf(cluster, one, password))
      .find(({ host, port }) => host === source.host && port === source.port);
    const replica = await sessions.of(node.name).catch(() => undefined);
    if (!master || !replica) return undefined;
    const why = await linkProblem(replica, password);
    const rejects = why !== undefined && (await masterRejects(replica, master, askProblem_ms));
    return rejects ? why : undefined;
  };
}

/** A node that takes the role over ends all client sessions, this one included. The next observation then opens a new one. */
async function observeLocal({ node }: PlanContext, sessions: Sessions): Promise<Observation> {
  const seen = await observeSession(await sessions.of(node.name));
  if (seen.kind === "unreachable") sessions.drop(node.name);
  return seen;
}

/**
 * Whether the master of the local replica has not answered for as long as a fork may block it. The link status is not enough: the
 * link is down, without a synchronization in progress, while the master waits for more replicas or for a BGSAVE to end.
 */
function masterWatch({ cluster }: PlanContext, sessions: Sessions): (ours: Observed) => Promise<boolean> {
  let observed_ms = performance.now();
  let answered_ms = observed_ms;
  return async ({ source }) => {
    const now_ms = performance.now();
    const name = cluster.nodes.find(({ address }) => address === source?.host)?.name;
    if (name === undefined || now_ms - observed_ms < observeMaster_ms) return false;
    observed_ms = now_ms;
    const seen = await sessions.of(name).then(observeSession, () => undefined);
    if (seen === undefined || seen.kind === "unreachable") sessions.drop(name);
    else answered_ms = now_ms;
    return now_ms - answered_ms >= stalled_s * 1000;
  };
}
