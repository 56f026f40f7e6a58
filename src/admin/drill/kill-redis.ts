import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { CommandRefused } from "../../cluster/errors.ts";
import type { KillFacts } from "../../decide/drill/may-start.ts";
import type { PlanContext } from "../../failover/context.ts";
import { processId } from "../../redis/commands.ts";
import { Sessions } from "../../redis/sessions.ts";
import { findProgram } from "../../system/find-program.ts";
import { listensOn } from "../../system/listens-on.ts";
import { runAtOurEnd } from "./run-at-our-end.ts";

export interface LocalProcess {
  pid: number | undefined;
  facts: KillFacts;
}

/** The process of the local Redis, and what would start it again. Never rejects. */
export async function localProcess({ cluster, node }: PlanContext, sessions: Sessions): Promise<LocalProcess> {
  const [program = ""] = cluster.commands.start_redis;
  const programFound = isAbsolute(program) ? existsSync(program) : findProgram([program]) !== undefined;
  const facts = { here: node.name, unknown: undefined, program, programFound };
  const not = (why: string): LocalProcess => ({ pid: undefined, facts: { ...facts, unknown: why } });
  try {
    const pid = await processId(await sessions.of(node.name));
    if (!Number.isInteger(pid) || pid <= 1) return not(`it reports ${pid}; does it run in a container?`);
    if (!listensOn(pid, cluster.redis.port))
      return not(
        `process ${pid}, which it reports, does not listen on port ${cluster.redis.port} here; does it run in a container?`,
      );
    return { pid, facts };
  } catch (error) {
    return not((error as Error).message);
  }
}

/**
 * Sends SIGKILL to the local Redis. From then on `command` starts it as soon as this process has ended, however that ends; `noNet` calls that off.
 * Throws a CommandRefused if its process is not known.
 */
export async function killLocalRedis(
  context: PlanContext,
  command: readonly string[],
): Promise<{ pid: number; noNet: () => void }> {
  const sessions = new Sessions(context);
  try {
    // Not that of the checks: it may have been restarted since.
    const { pid, facts } = await localProcess(context, sessions);
    if (pid === undefined)
      throw new CommandRefused(`the process of the local Redis is not known: ${facts.unknown}`, {
        remedy: "nothing was killed",
      });
    const noNet = runAtOurEnd(command);
    process.kill(pid, "SIGKILL");
    return { pid, noNet };
  } finally {
    sessions.closeAll();
  }
}
