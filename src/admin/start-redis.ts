import { CommandRefused } from "../cluster/errors.ts";
import type { Cluster } from "../cluster/schema.ts";
import { remedies } from "../decide/facts.ts";
import type { PlanContext } from "../failover/context.ts";
import type { Observed } from "../model/observation.ts";
import type { Target } from "../model/plan.ts";
import { observeNode } from "../redis/observe-cluster.ts";
import type { Sessions } from "../redis/sessions.ts";
import { poll } from "../system/poll.ts";
import { runCommand } from "../system/run-command.ts";

const answer_ms = 30_000;

/** The command of the cluster file, with `{peer}` and `{port}` filled in, for servers that are started with `--replicaof`. */
export const startCommand = ({ commands }: Pick<Cluster, "commands">, source: Target): string[] =>
  commands.start_redis.map((word) => word.replaceAll("{peer}", source.host).replaceAll("{port}", String(source.port)));

/**
 * Starts the local Redis and returns its first observation, loading or not. Rejects with a CommandFailed, with a CommandRefused
 * where Redis rejects us, and with a DeadlinePassed.
 */
export async function startRedis(context: PlanContext, sessions: Sessions, source: Target): Promise<Observed> {
  const { cluster, node, proceed } = context;
  const command = startCommand(cluster, source);
  await runCommand(command);
  const answer = async () => {
    const seen = await observeNode(context, sessions, node);
    if (seen.kind === "observed") return seen;
    if (seen.kind === "rejected")
      throw new CommandRefused(`the local Redis rejects us: ${seen.detail}`, { remedy: remedies[seen.why] });
    return undefined;
  };
  const what = `an answer of Redis on ${node.address}:${cluster.redis.port} after \`${command.join(" ")}\``;
  return poll(answer, { deadline_ms: answer_ms, every_ms: 2, proceed, what });
}
