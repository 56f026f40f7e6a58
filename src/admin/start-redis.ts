import spawn, { type SubprocessError } from "nano-spawn";
import type { Run, Sessions } from "../failover/sessions.ts";
import { until } from "../system/poll.ts";
import type { Target } from "../decide/plan.ts";
import type { Observed } from "../redis/info.ts";
import { observeSession } from "../redis/observe.ts";

const command_ms = 60_000;
const answer_ms = 30_000;

/** Fills `{peer}` and `{port}` in a command of the cluster file, for servers that are started with `--replicaof`. */
const filled = (command: readonly string[], source: Target): string[] =>
  command.map((word) => word.replaceAll("{peer}", source.host).replaceAll("{port}", String(source.port)));

/** Runs a command of the cluster file; a failure names the command, its exit code and what it said. */
export async function runCommand(command: readonly string[]): Promise<void> {
  const [program = "", ...args] = command;
  try {
    await spawn(program, args, { timeout: command_ms, stdin: "ignore" });
  } catch (error) {
    const { exitCode, signalName, stderr } = error as SubprocessError;
    const how = exitCode !== undefined ? `exit ${exitCode}` : (signalName ?? (error as Error).message);
    throw new Error(`\`${command.join(" ")}\` failed (${how})${stderr ? `: ${stderr.trim().split("\n").at(-1)}` : ""}`);
  }
}

/** Starts our Redis and returns its first reading that is one, loading or not. */
export async function startRedis(run: Run, sessions: Sessions, source: Target): Promise<Observed> {
  await runCommand(filled(run.cluster.commands.start_redis, source));
  const look = async () => {
    try {
      const seen = await observeSession(await sessions.of(run.node.name));
      if (seen.kind === "observed") return seen;
      if (seen.kind === "refusing") throw new Error(`our own Redis refuses us: ${seen.detail}`);
    } catch (error) {
      sessions.drop(run.node.name);
      if ((error as Error).message.startsWith("our own")) throw error;
    }
    return undefined;
  };
  const what = `an answer of Redis on ${run.node.address}:${run.cluster.redis.port} after \`${run.cluster.commands.start_redis.join(" ")}\``;
  return until(look, { deadline_ms: answer_ms, every_ms: 2, proceed: run.proceed, what });
}
