import { startUp } from "../cli/start-up.ts";
import { CommandRefused } from "../cluster/errors.ts";
import { openLog } from "../log/log.ts";
import type { Level } from "../model/log.ts";
import { openIoredis } from "../redis/ioredis-session.ts";
import { terminationSignal } from "../system/signals.ts";
import { openReporter } from "./reporter.ts";

interface Options {
  cluster: string;
  node: string | undefined;
  "log-level": Level;
  json: boolean;
}

/** What recover-master and switchover need, from their options. To be closed before the process ends. */
export async function openAdmin(executable: string, { cluster: file, node, json, ...options }: Options) {
  const logLevel = options["log-level"];
  const started = await startUp({ executable, cluster: file, node, logLevel, whenBroken: "fail" }, openLog);
  return {
    ...started,
    open: openIoredis,
    report: openReporter(process.stdout, json, started.log),
    allowDataLoss: started.cluster.failover.allow_data_loss,
    proceed: stopOnSignal(),
    close: () => started.log.close(),
  };
}

/** Ctrl-C and SIGTERM end the course before its next step, so that what is half done can be undone. */
function stopOnSignal(): () => void {
  const signal = terminationSignal();
  return () => {
    if (!signal.aborted) return;
    throw new CommandRefused(`stopped by ${signal.reason}`, {
      remedy: "run it again: it goes on from wherever it was",
    });
  };
}
