import { checkLine, isCheck, printUnknown } from "../src/admin/status/check-line.ts";
import { gather } from "../src/admin/status/gather.ts";
import { metricsFactsOf } from "../src/admin/status/metrics-facts.ts";
import { paintFor } from "../src/admin/status/paint.ts";
import { statusLines, usualWidth } from "../src/admin/status/text.ts";
import { watchStatus } from "../src/admin/status/watch.ts";
import { runCli } from "../src/cli/cli.ts";
import { writeOutput } from "../src/cli/output-file.ts";
import { startUp } from "../src/cli/start-up.ts";
import { UsageError } from "../src/cluster/errors.ts";
import { statusReport } from "../src/decide/status/report.ts";
import { redactor } from "../src/log/log-line.ts";
import { openPlainLog } from "../src/log/plain-log.ts";
import { openConnection } from "../src/redis/connection.ts";
import { terminationSignal } from "../src/system/signals.ts";

void runCli({
  name: "status",
  summary:
    "Who is master, who has the virtual IP, is the replica in sync, what is wrong, and what to type next. Changes nothing.",
  logs: false,
  failed: isCheck(process.argv.slice(2)) ? printUnknown : undefined,
  options: (argv) =>
    argv
      .option("json", { type: "boolean", default: false, describe: "print the report as JSON" })
      .option("watch", { type: "boolean", default: false, describe: "show it again each second, until Ctrl-C" })
      .option("check", {
        type: "boolean",
        default: false,
        describe: "one line for a monitoring system; exit 0 good, 1 warning, 2 critical, 3 unknown",
      })
      .option("metrics", {
        type: "boolean",
        default: false,
        describe: "the metrics of this node, in the text format of Prometheus",
      })
      .option("output", {
        type: "string",
        requiresArg: true,
        describe: "with --metrics: write them to this file",
      }),
  async run(options) {
    const { check, watch, json, metrics, output } = options;
    if (check && (watch || json)) throw new UsageError("--check goes without --watch and --json");
    if (metrics && (check || watch || json)) throw new UsageError("--metrics goes without --check, --watch and --json");
    if (output !== undefined && !metrics) throw new UsageError("--output needs --metrics");
    if (metrics) return printMetrics(options);
    const { print, code } = await open(options);
    if (watch) await watchStatus(process.stdout, terminationSignal(), async () => (await print()).lines);
    else for (const line of (await print()).lines) process.stdout.write(`${line}\n`);
    return watch ? 0 : code();
  },
});

interface Options {
  cluster: string;
  node: string | undefined;
  json: boolean;
  check: boolean;
  output: string | undefined;
}

function start({ cluster, node }: Options) {
  return startUp({ executable: "status", cluster, node, logLevel: undefined, whenBroken: "report" }, openPlainLog);
}

/** Whatever they say, that they were written is success: what is wrong is an alert's matter. */
async function printMetrics(options: Options): Promise<number> {
  const gathered = await gather({ ...(await start(options)), open: openConnection });
  const { exposition } = await import("../src/metrics/exposition.ts");
  const text = await exposition([metricsFactsOf(gathered)]);
  if (options.output === undefined) process.stdout.write(text);
  else writeOutput(options.output, text, 0o644);
  return 0;
}

async function open(options: Options) {
  const { json, check } = options;
  const started = await start(options);
  const { password, cluster: loaded } = started;
  const redact = redactor(password === undefined ? [] : [password]);
  const paint = paintFor(process.stdout, process.env);
  const max = { bytes: loaded.failover.max_missing_bytes, seconds: loaded.failover.max_missing_seconds };
  let exitCode = 0;
  const print = async () => {
    const report = statusReport(await gather({ ...started, open: openConnection }));
    const checked = checkLine(report, max);
    exitCode = check ? checked.code : report.findings[0]?.severity === "ok" ? 0 : 1;
    const lines = check
      ? [checked.line]
      : json
        ? [JSON.stringify(report)]
        : statusLines(report, widthOf(process.stdout), paint);
    return { lines: lines.map(redact) };
  };
  return { print, code: () => exitCode };
}

const narrowest = 40;

const widthOf = ({ columns }: NodeJS.WriteStream): number =>
  Math.max(narrowest, columns || Number(process.env.COLUMNS) || usualWidth);
