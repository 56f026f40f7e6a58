import type { Node } from "../cluster/schema.ts";
import { nothingToLose } from "../decide/situation.ts";
import type { Step } from "../model/plan.ts";
import { dropClients, follow, park, pauseWrites, setPersistence, takeSnapshot, unpause } from "../redis/commands.ts";
import { observeSession } from "../redis/observe.ts";
import { fenceOnResume as fenceWhenItResumes, parkOnResume as parkWhenItResumes } from "../redis/on-resume.ts";
import { endpointOf, type Session } from "../redis/session.ts";
import type { Sessions } from "../redis/sessions.ts";
import { resign } from "../state/resignation.ts";
import { unblockClients } from "./client-access.ts";
import type { PlanContext } from "./context.ts";
import { Stopped } from "./errors.ts";
import { promoteNode } from "./promote-node.ts";
import { quarantine } from "./quarantine.ts";
import { takeOver } from "./take-over.ts";
import { waitAnswer, waitLoaded, waitSynced } from "./waits.ts";

// The kernel accepts the connection at once, or its host is down. A server may hang for minutes, with a disk that stalls or a script; a
// check that finds it as a master afterwards comes half a second too late (33 writes over TLS, measured).
const parkOnResume = { connect_ms: 300, deadline_ms: 900_000 };
const fenceOnResume_ms = 100;

/** Every step but `confirm`, which transition.ts does. */
type ExecutableStep = Exclude<Step, { do: "confirm" }>;

type StepActions = {
  [Kind in ExecutableStep["do"]]: (
    step: Extract<ExecutableStep, { do: Kind }>,
    context: PlanContext,
    sessions: Sessions,
  ) => Promise<unknown>;
};

/** What is added to the log line of a step. */
interface StepResult {
  /** In place of the usual message. */
  message?: string;
  [field: string]: unknown;
}

/** How each kind of step is done, which returns a StepResult. */
const actions: StepActions = {
  promote: ({ at }, context, sessions) => promoteNode(at.name, context, sessions),

  follow: async ({ at, source }, context, sessions) => {
    const session = await sessions.of(at.name);
    if (at.name !== context.node.name) await requireNothingToLose(session, await sessions.of(source.name));
    // A fence that came while the server hung would keep it from copying.
    await Promise.all([follow(session, source.host, source.port), unpause(session).catch(() => undefined)]);
  },

  "hand-over": ({ from }, context, sessions) => takeOver(from.name, context, sessions),

  quarantine: (step, context, sessions) => quarantine(step, context, sessions),

  "wait-synced": (_step, context, sessions) => waitSynced(context, sessions),

  "wait-answer": (_step, context, sessions) => waitAnswer(context, sessions),

  "wait-loaded": (_step, context, sessions) => waitLoaded(context, sessions),

  fence: async ({ seconds, at }, context, sessions) => {
    const session = await sessions.of(at?.name ?? context.node.name);
    const [, seen] = await Promise.all([pauseWrites(session, seconds * 1000), observeSession(session)]);
    if (seen.kind !== "observed" || seen.role === "master") return {};
    // It would not apply the writes of its master, and be 15 s behind if that one died (measured with a Keepalived that hung).
    await unpause(session);
    return { message: "a replica, which takes no writes" };
  },

  resign: async ({ to }, { paths }) => resign(paths.resigned, to.name),

  park: async (_step, context, sessions) => park(await sessions.of(context.node.name)),

  "park-on-resume": async (_step, context) =>
    parkWhenItResumes(endpointOf(context.cluster, context.node, context.password), {
      ...parkOnResume,
      proceed: context.proceed,
    }),

  "fence-on-resume": ({ at, seconds }, { cluster, password }) => {
    const node = cluster.nodes.find(({ name }) => name === at.name) as Node;
    return fenceWhenItResumes(endpointOf(cluster, node, password), seconds * 1000, fenceOnResume_ms);
  },

  unfence: async ({ at }, context, sessions) => {
    if (at) return void (await unpause(await sessions.of(at.name)));
    const session = await sessions.of(context.node.name);
    const [seen] = await Promise.all([
      observeSession(session),
      unpause(session),
      unblockClients(async () => session, context),
    ]);
    return seen.kind === "observed" && seen.role === "replica"
      ? { message: "no fence keeps the replica from copying" }
      : {};
  },

  "drop-clients": async (_step, context, sessions) => ({
    dropped: await dropClients(await sessions.of(context.node.name)),
  }),

  persist: async ({ at, on }, _context, sessions) => {
    const session = await sessions.of(at.name);
    const changed = await setPersistence(session, on);
    // The snapshot of a master that was a replica before may be months old, and `save` only begins to count now.
    if (
      changed &&
      on &&
      (await observeSession(session).then((seen) => seen.kind === "observed" && seen.role === "master"))
    )
      await takeSnapshot(session);
  },
};

/** Throws if this peer would lose writes by following `source`: since the decision it may have been promoted, or have got writes. */
async function requireNothingToLose(replica: Session, source: Session): Promise<void> {
  const [seen, sourceSeen] = await Promise.all([observeSession(replica), observeSession(source)]);
  if (seen.kind !== "observed" || sourceSeen.kind !== "observed")
    throw new Error("one of the two servers doesn't answer");
  const { host, port } = source.endpoint;
  if (seen.role === "master" || !nothingToLose(seen, { name: host, host, port, seen: sourceSeen }))
    throw new Error(`it has writes that ${host} lacks`);
}

// These may fail: no write depends on them, so the failure is logged and the transition goes on.
const mayFail = new Set<ExecutableStep["do"]>([
  "resign",
  "persist",
  "drop-clients",
  "unfence",
  "park-on-resume",
  "fence-on-resume",
]);

/** Does one step and logs it. Rejects when it failed and the rest of the plan depends on it. */
export async function carryOut(step: ExecutableStep, context: PlanContext, sessions: Sessions): Promise<void> {
  const started = performance.now();
  const at = "at" in step ? step.at?.name : undefined;
  const fields = () => ({ step: step.do, at, duration_ms: Math.round((performance.now() - started) * 10) / 10 });
  try {
    const result = await (
      actions[step.do] as (step: ExecutableStep, context: PlanContext, sessions: Sessions) => Promise<unknown>
    )(step, context, sessions);
    const { message = doneMessages[step.do], ...more } = (typeof result === "object" ? result : {}) as StepResult;
    context.log.info("step-done", message, { ...fields(), ...more });
  } catch (error) {
    if (error instanceof Stopped) throw error;
    const elsewhere = at !== undefined && at !== context.node.name;
    if (!mayFail.has(step.do) && !(elsewhere && step.do !== "promote")) throw error;
    context.log.warn("step-failed", `${step.do} failed, the transition goes on`, {
      ...fields(),
      error: (error as Error).message,
    });
  }
}

const doneMessages: Record<ExecutableStep["do"], string> = {
  promote: "made master",
  follow: "made replica",
  "hand-over": "took the master role over, no write lost",
  quarantine: "kept a dump of the data set",
  "wait-synced": "in sync",
  "wait-answer": "waited for the peers to answer",
  "wait-loaded": "data set loaded",
  fence: "writes held back",
  resign: "resigned: the virtual IP moves to the other master",
  park: "parked",
  "park-on-resume": "sent the commands to park to a server that hung",
  "fence-on-resume": "sent the command to hold writes back to a server that gives no answer",
  unfence: "writes let through",
  "drop-clients": "ended the sessions of clients",
  persist: "changed the snapshot setting",
};
