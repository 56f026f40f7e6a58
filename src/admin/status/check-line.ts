import { inWords } from "../../cli/exit.ts";
import type { Severity, StatusReport } from "../../model/status.ts";

const exitCodes: Readonly<Record<Severity, number>> = { ok: 0, warning: 1, critical: 2, unknown: 3 };

export interface MaxMissing {
  bytes: number;
  seconds: number;
}

/** The line and the exit code of a monitoring plugin. A datum that is not known is left out. */
export function checkLine({ nodes, findings }: StatusReport, max: MaxMissing): { line: string; code: number } {
  const severity = findings[0]?.severity ?? "unknown";
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : "";
  const text = `${findings[0]?.text ?? "nothing is known"}${more}`;
  const masters = nodes.filter(({ redis }) => redis.value?.state === "master").length;
  const holders = nodes.filter(({ holder }) => holder.value === true).length;
  const inSync = nodes.filter(({ link }) => link.value?.state === "up").length;
  const lags = nodes.flatMap(({ lag }) => (lag.value === null ? [] : [lag.value]));
  const kept = nodes.reduce((sum, { quarantine }) => sum + (quarantine.value?.not_applied ?? 0), 0);
  const values = [
    `masters=${masters};;1:1`,
    `holders=${holders};;0:1`,
    `replicas_in_sync=${inSync};${nodes.length - 1}:;`,
    ...(lags.length > 0 ? [`lag_bytes=${Math.max(...lags.map(({ bytes }) => bytes))}B;${max.bytes};`] : []),
    ...(lags.length > 0
      ? [`lag_seconds=${Math.max(...lags.map(({ seconds }) => seconds ?? 0))}s;${max.seconds};`]
      : []),
    `kept_files=${kept};0;`,
  ];
  return { line: `${severity.toUpperCase()}: ${onOneLine(text)} | ${values.join(" ")}`, code: exitCodes[severity] };
}

/** For a monitoring system an exit code of 2 would be critical, and the line is on standard output. */
export function printUnknown(error: unknown): number {
  process.stdout.write(`UNKNOWN: ${onOneLine(inWords(error))}\n`);
  return exitCodes.unknown;
}

/** Wrong usage of `--check` counts as well. */
export const isCheck = (args: readonly string[]): boolean =>
  args.some((one) => one === "--check" || one.startsWith("--check="));

/** The bar separates the text from the numbers. */
const onOneLine = (text: string): string => text.replaceAll("|", "/").replaceAll(/\s+/g, " ");
