import { startUp } from "../cli/start-up.ts";
import { CommandRefused } from "../cluster/errors.ts";
import { openLog } from "../log/log.ts";
import type { Level } from "../model/log.ts";
import { openIoredis } from "../redis/ioredis-session.ts";
import type { Endpoint } from "../redis/session.ts";
import { terminationSignal } from "../system/signals.ts";
import { openReporter } from "./reporter.ts";

interface Options {
  cluster: string;
  node: string | undefined;
  "log-level": Level;
  json: boolean;
}

// `monitor.timeout` is for what must not delay a failover. On a busy host a TLS handshake takes longer, and an operator can wait. More
// than a second, after which the kernel repeats a lost SYN: on a link that loses 3 % of the packets one connection in 16 needs that.
const patience_ms = 1500;

/** What recover-master and switchover need, from their options. To be closed before the process ends. */
export async function openAdmin(executable: string, { cluster: file, node, json, ...options }: Options) {
  const logLevel = options["log-level"];
  const started = await startUp({ executable, cluster: file, node, logLevel, whenBroken: "fail" }, openLog);
  return {
    ...started,
    open: (endpoint: Endpoint, deadline_ms: number) => openIoredis(endpoint, Math.max(deadline_ms, patience_ms)),
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
