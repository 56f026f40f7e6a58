import { levelOf, runPlain, textOf } from "../cli/plain-cli.ts";
import { startUp } from "../cli/start-up.ts";
import { applyKept } from "../failover/apply-kept.ts";
import { runNotifyCommand } from "../failover/notify-command.ts";
import { planInWords } from "../failover/outcome.ts";
import { openLog } from "../log/log.ts";
import type { Transition } from "../model/transition.ts";
import { runHook } from "./hook.ts";

/** The command line of a notify hook: the four differ in nothing but the transition. */
export function hookCli(transition: Transition, summary: string): void {
  const name = `notify-${transition.toLowerCase()}`;
  runPlain({
    name,
    summary,
    options: {
      "dry-run": { about: "print the plan, change nothing" },
      json: { about: "with --dry-run: the plan as JSON" },
      "allow-data-loss": { about: "serve a data set that isn't known to be complete" },
      repair: {},
    },
    async run(values) {
      const started = await startUp(
        {
          executable: name,
          cluster: textOf(values.cluster),
          node: textOf(values.node),
          logLevel: levelOf(values),
          whenBroken: "log",
        },
        openLog,
      );
      const { log } = started;
      try {
        const dryRun = values["dry-run"] === true;
        const allowDataLoss = values["allow-data-loss"] === true;
        const hook = { ...started, transition, allowDataLoss, dryRun, repair: values.repair === true };
        const outcome = await runHook(hook);
        if (dryRun) process.stdout.write(`${values.json ? JSON.stringify(outcome.plans) : planInWords(outcome)}\n`);
        else {
          await applyKept(hook, outcome);
          await runNotifyCommand(hook, transition, outcome);
        }
        if (outcome.result === "refused" || outcome.result === "failed") {
          process.stderr.write(`${name}: ${outcome.why}\n${outcome.remedy ? `  ${outcome.remedy}\n` : ""}`);
          return 1;
        }
        return 0;
      } finally {
        await log.close();
      }
    },
  });
}
