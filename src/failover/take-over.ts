import { observeSession } from "../redis/observe.ts";
import type { Sessions } from "../redis/sessions.ts";
import { moveAnnounced } from "../state/drain.ts";
import { DeadlinePassed } from "../system/poll.ts";
import type { PlanContext } from "./context.ts";
import { StepRefused } from "./errors.ts";
import { handOver } from "./hand-over.ts";
import { rememberServing } from "./remember-serving.ts";

/**
 * The step `hand-over`: the local Redis takes the role over from another master. Where that comes to nothing within
 * `failover.handover_timeout`, the next round tries again, unless it was a planned move that was given up meanwhile: then the old master
 * serves as soon as it has the virtual IP again.
 */
export async function takeOver(from: string, context: PlanContext, sessions: Sessions): Promise<{ paused_ms: number }> {
  const { cluster, node } = context;
  const announced = () =>
    sessions
      .of(node.name)
      .then((session) => moveAnnounced(session, cluster))
      .catch(() => false);
  const started_ms = performance.now();
  const deadline_ms = cluster.failover.handover_timeout * 1000;
  const before = announced();
  try {
    const paused_ms = await handOver({
      from: await sessions.of(from),
      to: await sessions.of(node.name),
      toTarget: { name: node.name, host: node.address, port: cluster.redis.port },
      deadline_ms,
      proceed: context.proceed,
    });
    // The role has changed: what can't be remembered must not make the step fail.
    const seen = await sessions.of(node.name).then(observeSession, () => undefined);
    if (seen?.kind === "observed") rememberServing(context, seen);
    return { paused_ms };
  } catch (error) {
    // A server that was slow to answer once ends it sooner.
    const tooLong = error instanceof DeadlinePassed && performance.now() - started_ms >= deadline_ms;
    if (!tooLong || !(await before) || (await announced())) throw error;
    throw new StepRefused(
      `${error.message}, and the planned move was given up`,
      `${from} stays master, and the virtual IP goes back to it; move the role again once ${node.name} has caught up`,
    );
  }
}
