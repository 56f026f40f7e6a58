import { claim, contact } from "../decide/claim.ts";
import { nothingToLose, stalled, stalled_s } from "../decide/situation.ts";
import { writeTrackFile } from "../keepalived/track-file.ts";
import type { Observation, Observed } from "../model/observation.ts";
import type { Step } from "../model/plan.ts";
import {
  dropClients,
  dropClientsCommand,
  follow,
  park,
  parkCommand,
  pauseWrites,
  promote,
  setPersistence,
  unpause,
} from "../redis/commands.ts";
import { observeSession } from "../redis/observe.ts";
import { sendUnanswered } from "../redis/park-on-resume.ts";
import { endpointOf, type Session } from "../redis/session.ts";
import type { Sessions } from "../redis/sessions.ts";
import { DeadlinePassed, poll } from "../system/poll.ts";
import { unblockClients } from "./client-access.ts";
import type { PlanContext } from "./context.ts";
import { handOver } from "./hand-over.ts";
import { quarantine } from "./quarantine.ts";

// A full copy of a large data set, or its loading, takes minutes; a newer transition ends the wait at once.
const wholeDataSet_ms = 30 * 60 * 1000;
// Its kernel takes the connection, or nobody does.
const leaveWord_ms = 300;
const askSource_ms = 1000;

/** All that a plan may hold but `confirm`, which whoever decided carries out. */
type CarriedStep = Exclude<Step, { do: "confirm" }>;

type Carry = {
  [Kind in CarriedStep["do"]]: (
    step: Extract<CarriedStep, { do: Kind }>,
    context: PlanContext,
    sessions: Sessions,
  ) => Promise<unknown>;
};

/** How each kind of step is done. What one resolves to goes into its log line. */
const carry: Carry = {
  // Clients wait for this, so what is said of it is asked afterwards: how far this replica was.
  promote: async ({ at }, context, sessions) => {
    const session = await sessions.of(at.name);
    const [, after] = await Promise.all([promote(session), observeSession(session)]);
    if (after.kind !== "observed") return {};
    if (at.name === context.node.name) claimNothing(context, after);
    return { offset: after.history.previous?.until ?? after.history.offset };
  },

  follow: async ({ at, source }, context, sessions) => {
    const session = await sessions.of(at.name);
    if (at.name !== context.node.name) await losesNothing(session, await sessions.of(source.name));
    await follow(session, source.host, source.port);
  },

  "hand-over": async ({ from }, context, sessions) => ({
    paused_ms: await handOver({
      from: await sessions.of(from.name),
      to: await sessions.of(context.node.name),
      toTarget: { name: context.node.name, host: context.node.address, port: context.cluster.redis.port },
      deadline_ms: context.cluster.failover.handover_timeout * 1000,
      proceed: context.proceed,
    }),
  }),

  quarantine: (step, context, sessions) => quarantine(step, context, sessions),

  "wait-synced": async (_step, context, sessions) => {
    const lost = sourceLost(context, sessions);
    await poll(
      async () => {
        const seen = await ownRedis(context, sessions);
        if (seen.kind !== "observed") return false;
        if (stalled(seen) || (await lost(seen))) throw new DeadlinePassed("the master that is copied from is gone");
        return seen.source?.link === "up" && !seen.source.syncing && !seen.loading;
      },
      { deadline_ms: wholeDataSet_ms, every_ms: 5, proceed: context.proceed, what: "the copy from the master" },
    );
  },

  "wait-loaded": async (_step, context, sessions) => {
    await poll(
      async () => {
        const seen = await ownRedis(context, sessions);
        return seen.kind !== "observed" || !seen.loading;
      },
      { deadline_ms: wholeDataSet_ms, every_ms: 20, proceed: context.proceed, what: "loading the data set" },
    );
  },

  fence: async ({ seconds, at }, context, sessions) =>
    pauseWrites(await sessions.of(at?.name ?? context.node.name), seconds * 1000),

  park: async (_step, context, sessions) => park(await sessions.of(context.node.name)),

  "park-on-resume": async (_step, context) =>
    sendUnanswered(
      endpointOf(context.cluster, context.node, context.password),
      [parkCommand, dropClientsCommand],
      leaveWord_ms,
    ),

  unfence: async (_step, context, sessions) => {
    const session = await sessions.of(context.node.name);
    await Promise.all([unpause(session), unblockClients(async () => session, context)]);
  },

  "drop-clients": async (_step, context, sessions) => ({
    dropped: await dropClients(await sessions.of(context.node.name)),
  }),

  persist: async ({ at, on }, _run, sessions) => setPersistence(await sessions.of(at.name), on),
};

/** Whoever takes the role from us ends the sessions of our clients, and ours among them: the next look is over a new one. */
async function ownRedis({ node }: PlanContext, sessions: Sessions): Promise<Observation> {
  const seen = await observeSession(await sessions.of(node.name));
  if (seen.kind === "unreachable") sessions.drop(node.name);
  return seen;
}

/**
 * Whether the source of our replica hasn't answered for as long as a fork may take it. Its link alone doesn't tell: it is down,
 * and no copy under way, for as long as the source waits for more replicas or for a BGSAVE to end.
 */
function sourceLost({ cluster }: PlanContext, sessions: Sessions): (ours: Observed) => Promise<boolean> {
  let asked_ms = performance.now();
  let heard_ms = asked_ms;
  return async ({ source }) => {
    const now_ms = performance.now();
    const name = cluster.nodes.find(({ address }) => address === source?.host)?.name;
    if (name === undefined || now_ms - asked_ms < askSource_ms) return false;
    asked_ms = now_ms;
    const seen = await sessions.of(name).then(observeSession, () => undefined);
    if (seen === undefined || seen.kind === "unreachable") sessions.drop(name);
    else heard_ms = now_ms;
    return now_ms - heard_ms >= stalled_s * 1000;
  };
}

/** The look that sends another node elsewhere is some steps old: meanwhile it may have been promoted, or gone on. */
async function losesNothing(replica: Session, source: Session): Promise<void> {
  const [seen, there] = await Promise.all([observeSession(replica), observeSession(source)]);
  if (seen.kind !== "observed" || there.kind !== "observed") throw new Error("no answer");
  const { host, port } = source.endpoint;
  if (seen.role === "master" || !nothingToLose(seen, { name: host, host, port, seen: there }))
    throw new Error(`it has writes by now that ${host} lacks`);
}

/** Who was just promoted has taken no write yet, and must not win an election by priority before the monitor's next run. */
function claimNothing({ paths }: PlanContext, seen: Observed): void {
  try {
    writeTrackFile(paths.claim, claim(seen, contact(seen, undefined)));
  } catch {
    // A folder that can't be written is what the monitor complains of.
  }
}

// Nothing that a client can notice depends on these: their failure is logged and the transition goes on.
const dispensable = new Set<CarriedStep["do"]>(["persist", "drop-clients", "unfence", "park-on-resume"]);

/** Carries out one step and logs it. Rejects when it failed and the rest of the plan depends on it. */
export async function carryOut(step: CarriedStep, context: PlanContext, sessions: Sessions): Promise<void> {
  const started = performance.now();
  const at = "at" in step ? step.at?.name : undefined;
  const took = () => ({ step: step.do, at, duration_ms: Math.round((performance.now() - started) * 10) / 10 });
  try {
    const result = await (
      carry[step.do] as (step: CarriedStep, context: PlanContext, sessions: Sessions) => Promise<unknown>
    )(step, context, sessions);
    context.log.info("step-done", done[step.do], { ...took(), ...(typeof result === "object" ? result : {}) });
  } catch (error) {
    const elsewhere = at !== undefined && at !== context.node.name;
    if (!dispensable.has(step.do) && !(elsewhere && step.do !== "promote")) throw error;
    context.log.warn("step-failed", `${step.do} failed, going on`, { ...took(), error: (error as Error).message });
  }
}

const done: Record<CarriedStep["do"], string> = {
  promote: "made master",
  follow: "made replica",
  "hand-over": "took the master role over, no write lost",
  quarantine: "kept a dump of the data set",
  "wait-synced": "in sync",
  "wait-loaded": "data set loaded",
  fence: "writes held back",
  park: "parked",
  "park-on-resume": "left word to be parked",
  unfence: "writes let through",
  "drop-clients": "ended the sessions of clients",
  persist: "snapshots set",
};
