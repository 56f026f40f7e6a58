import { conclusion } from "../../decide/drill/conclusion.ts";
import type { DrillReport, DrillStep } from "../../model/drill.ts";
import { withUserErrors } from "../user-errors.ts";
import type { DrillContext } from "./context.ts";
import { type Inspected, inspect } from "./inspect.ts";
import { planLines } from "./plan.ts";
import { ProbeClient, probeKey } from "./probe-client.ts";
import { keyLives_s } from "./probe-writer.ts";
import { putThingsBack } from "./put-things-back.ts";
import { DrillSteps } from "./steps.ts";

/** `remedy`: of a drill that failed, how to go on; undefined if nothing is left to do. */
export interface Drilled {
  report: DrillReport;
  remedy: string | undefined;
}

/** A failover on the real pair, on purpose. Rejects with a CommandRefused if it must not start, and then nothing was changed. */
export async function runDrill(context: DrillContext): Promise<Drilled> {
  const { report, killRedis, dryRun } = context;
  const at = new Date().toISOString();
  const started_ms = performance.now();
  const found = await withUserErrors(inspect(context));
  const took_s = Math.round(performance.now() - started_ms) / 1000;
  const none = { gap_ms: null, predicted_ms: null, lost: null };
  const checks: DrillStep = { part: "checks", at, waited_s: 0, took_s, ...none };
  report.done(`nothing wrong found: ${found.master} is master, ${found.replica} its replica`);
  for (const name of found.untold) report.note(`whether maintenance is on on ${name} is not known`);
  if (dryRun) {
    for (const line of planLines(context, found)) report.plan(line);
    return { report: reportOf(context, found, checks, undefined, 0, undefined), remedy: undefined };
  }
  if (killRedis) await context.confirm(`Kill Redis, process ${found.pid}, on ${found.master}, the master`);
  const probe = await withUserErrors(ProbeClient.start(context));
  const steps = new DrillSteps(context, found, probe);
  let failure: string | undefined;
  let remedy: string | undefined;
  try {
    for (const part of killRedis ? (["kill", "recover", "back"] as const) : (["there", "back"] as const))
      await withUserErrors(steps.take(part));
  } catch (error) {
    const why = (error as Error).message;
    report.note(`${why}: putting things back`);
    const left = await putThingsBack(context, found, steps);
    failure = `${why}; ${left.text}`;
    remedy = left.remedy;
  } finally {
    const left = await probe.stop();
    if (left !== undefined)
      report.note(`${probeKey(context.cluster)} could not be removed (${left}); it expires within ${keyLives_s} s`);
  }
  const drilled = reportOf(context, found, checks, steps, probe.acknowledged, failure);
  context.log.info("drill", drilled.conclusion, { ...drilled });
  return { report: drilled, remedy };
}

function reportOf(
  { cluster, node, killRedis }: DrillContext,
  { master, replica, profile, from_holder }: Inspected,
  checks: DrillStep,
  taken: DrillSteps | undefined,
  writes: number,
  failure: string | undefined,
): DrillReport {
  const steps = [checks, ...(taken?.done ?? [])];
  const kind = killRedis ? "kill-redis" : "switchover";
  return {
    ...{
      version: 1,
      cluster: cluster.name,
      from: node.name,
      from_holder,
      profile,
      kind,
      master,
      replica,
      writes,
      steps,
    },
    ...conclusion({ master, replica, steps, failure }),
  };
}
