import type { Check } from "../../decide/doctor/check.ts";
import type { DoctorReport } from "../../model/doctor.ts";

/** The findings; with `all` also the checks that found nothing, and what is not known. */
export function doctorLines(report: DoctorReport, all: boolean): string[] {
  const { findings, not_known: notKnown, checks } = report;
  const found = findings.flatMap(({ check, severity, what, why, change, page }) => [
    `${severity.padEnd(6)} ${check}: ${what}`,
    `       ${why}`,
    `       ${change.where}: ${change.line}`,
    `       see ${page}`,
  ]);
  if (!all) return found;
  const named = new Set([...findings, ...notKnown].map(({ check }) => check));
  return [
    ...found,
    ...notKnown.map(({ check, on, not_known }) => `?      ${check}: not known of ${on}: ${not_known}`),
    ...checks.filter((check) => !named.has(check)).map((check) => `ok     ${check}`),
    ...(checks.includes("prediction") ? predictionLines(report) : []),
  ];
}

const predictionLines = ({ prediction }: DoctorReport): string[] =>
  prediction === null
    ? []
    : [
        "       How long clients get no answer, at most:",
        `       ${prediction.redis_killed_s} s after Redis was killed, ${prediction.redis_hangs_s} s if it hangs, ${prediction.host_cut_off_s} s after its host was cut off`,
        `       ${prediction.planned_move_s} s in a planned move`,
      ];

export function listLines(checks: readonly Check[]): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks.map(({ name, looksAt }) => `${name.padEnd(width)}  ${looksAt}`);
}
