import { gatherFacts } from "../src/admin/doctor/gather.ts";
import { doctorLines, listLines } from "../src/admin/doctor/text.ts";
import { runCli } from "../src/cli/cli.ts";
import { startUp } from "../src/cli/start-up.ts";
import { UsageError } from "../src/cluster/errors.ts";
import { nearest } from "../src/cluster/nearest.ts";
import type { Check } from "../src/decide/doctor/check.ts";
import { checksTable, doctorReport } from "../src/decide/doctor/report.ts";
import { redactor } from "../src/log/log-line.ts";
import { openPlainLog } from "../src/log/plain-log.ts";
import { openConnection } from "../src/redis/connection.ts";

void runCli({
  name: "doctor",
  summary:
    "doctor [NAME...]: checks of this host, the peers and the pair, before a failover shows what is wrong. Prints nothing if all is well. Changes nothing.",
  logs: false,
  words: true,
  options: (argv) =>
    argv
      .option("list", { type: "boolean", default: false, describe: "name all checks" })
      .option("json", { type: "boolean", default: false, describe: "print the findings as JSON" }),
  async run({ cluster, node, list, json }, names) {
    const checks = names.length === 0 ? checksTable : names.map(checkOf);
    if (list) return print(json ? [JSON.stringify(checks.map(inJson))] : listLines(checks), 0);
    const started = await startUp(
      { executable: "doctor", cluster, node, logLevel: undefined, whenBroken: "fail" },
      openPlainLog,
    );
    const measure = checks.some(({ measures }) => measures);
    const report = doctorReport(await gatherFacts({ ...started, open: openConnection, measure }), checks);
    const redact = redactor(started.password === undefined ? [] : [started.password]);
    const lines = json ? [JSON.stringify(report)] : doctorLines(report, names.length > 0);
    return print(lines.map(redact), report.findings.some(({ severity }) => severity === "danger") ? 1 : 0);
  },
});

const inJson = ({ name, looksAt, page }: Check) => ({ name, looks_at: looksAt, page });

function checkOf(name: string): Check {
  const found = checksTable.find((check) => check.name === name);
  if (found) return found;
  const names = checksTable.map((check) => check.name);
  const near = nearest(name, names);
  throw new UsageError(`there is no check "${name}"`, {
    remedy: near === undefined ? "doctor --list names all checks" : `did you mean ${near}?`,
  });
}

function print(lines: readonly string[], code: number): number {
  for (const line of lines) process.stdout.write(`${line}\n`);
  return code;
}
