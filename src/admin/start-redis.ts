import type { PlanContext } from "../failover/context.ts";
import type { Observed } from "../model/observation.ts";
import type { Target } from "../model/plan.ts";
import { observeSession } from "../redis/observe.ts";
import type { Sessions } from "../redis/sessions.ts";
import { poll } from "../system/poll.ts";
import { runCommand } from "../system/run-command.ts";

const answer_ms = 30_000;

/** Fills `{peer}` and `{port}` in a command of the cluster file, for servers that are started with `--replicaof`. */
const filled = (command: readonly string[], source: Target): string[] =>
  command.map((word) => word.replaceAll("{peer}", source.host).replaceAll("{port}", String(source.port)));

/** Starts our Redis and returns its first reading that is one, loading or not. */
export async function startRedis(context: PlanContext, sessions: Sessions, source: Target): Promise<Observed> {
  await runCommand(filled(context.cluster.commands.start_redis, source));
  const look = async () => {
    try {
      const seen = await observeSession(await sessions.of(context.node.name));
      if (seen.kind === "observed") return seen;
      if (seen.kind === "rejected") throw new Error(`our own Redis refuses us: ${seen.detail}`);
    } catch (error) {
      sessions.drop(context.node.name);
      if ((error as Error).message.startsWith("our own")) throw error;
    }
    return undefined;
  };
  const what = `an answer of Redis on ${context.node.address}:${context.cluster.redis.port} after \`${context.cluster.commands.start_redis.join(" ")}\``;
  return poll(look, { deadline_ms: answer_ms, every_ms: 2, proceed: context.proceed, what });
}
