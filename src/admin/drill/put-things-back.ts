import { setTimeout as sleep } from "node:timers/promises";
import { type PutBack, pairFacts, putBack } from "../../decide/drill/put-back.ts";
import { holdsVip } from "../../keepalived/virtual-ip.ts";
import { observeCluster } from "../../redis/observe-cluster.ts";
import { Sessions } from "../../redis/sessions.ts";
import { runCommand } from "../../system/run-command.ts";
import type { DrillContext } from "./context.ts";
import type { Inspected } from "./inspect.ts";
import type { DrillSteps } from "./steps.ts";

const every_ms = 100;

export interface Left {
  /** How the pair was left. */
  text: string;
  remedy: string | undefined;
}

/**
 * After a drill that was stopped or failed: the old master becomes master again, if that is possible. A second signal ends this at once.
 * Never rejects.
 */
export async function putThingsBack(context: DrillContext, found: Inspected, steps: DrillSteps): Promise<Left> {
  const unstopped = { ...context, proceed: () => undefined };
  const { master, replica } = found;
  for (let since_ms = performance.now(); ; await sleep(every_ms)) {
    const next = await whatNext(unstopped, master, steps.killed, (performance.now() - since_ms) / 1000);
    if (next.do === "nothing") return { text: `${master} is master, ${replica} its replica`, remedy: undefined };
    if (next.do === "leave") return { text: next.because, remedy: next.remedy };
    if (next.do === "wait") continue;
    try {
      await act(next.do, unstopped, found, steps);
      since_ms = performance.now();
    } catch (error) {
      const { message, remedy } = error as Error & { remedy?: string };
      return { text: `putting things back failed: ${message}`, remedy: remedy ?? "`status` says what to do" };
    }
  }
}

async function whatNext(context: DrillContext, origin: string, killed: boolean, elapsed_s: number): Promise<PutBack> {
  const sessions = new Sessions(context);
  try {
    const situation = await observeCluster(context, sessions, { holdsVip: holdsVip(context.cluster) });
    return putBack({ origin, killed, elapsed_s, ...pairFacts(situation, origin) });
  } finally {
    sessions.closeAll();
  }
}

async function act(
  what: "start-redis" | "recover" | "move-back",
  context: DrillContext,
  found: Inspected,
  steps: DrillSteps,
) {
  if (what === "move-back") return steps.take("back", context);
  if (what === "recover") return steps.take("recover", context);
  await runCommand(found.startRedis);
  context.report.done("Redis started");
}
