import type { Check } from "../../decide/doctor/check.ts";
import type { DoctorReport, NotKnown } from "../../model/doctor-report.ts";

const reasons_shown = 3;

/** The findings; with `all` also the checks that found nothing, and what is not known. */
export function doctorLines(report: DoctorReport, all: boolean): string[] {
  const { findings, not_known: notKnown, checks } = report;
  const found = findings.flatMap(({ check, severity, what, why, change, page }) => [
    `${severity.padEnd(6)} ${check}: ${what}`,
    `       ${why}`,
    `       ${change.where}: ${change.line}`,
    `       see ${page}`,
  ]);
  if (!all) return [...found, ...notMade(notKnown)];
  const named = new Set([...findings, ...notKnown].map(({ check }) => check));
  return [
    ...found,
    ...notKnown.map(({ check, on, not_known }) => `?      ${check}: not known of ${on}: ${not_known}`),
    ...checks.filter((check) => !named.has(check)).map((check) => `ok     ${check}`),
    ...(checks.includes("prediction") ? predictionLines(report) : []),
  ];
}

/** Silence must not be taken for a good pair while something that can be known is not. */
function notMade(notKnown: readonly NotKnown[]): string[] {
  const missed = notKnown.filter(({ harmless }) => !harmless);
  const checks = new Set(missed.map(({ check }) => check)).size;
  if (checks === 0) return [];
  const reasons = [...new Set(missed.map(({ not_known }) => not_known))];
  const more = reasons.length > reasons_shown ? `; and ${reasons.length - reasons_shown} more` : "";
  const were = checks === 1 ? "1 check was" : `${checks} checks were`;
  return [
    `?      ${were} not made of every node: ${reasons.slice(0, reasons_shown).join("; ")}${more} (doctor --json)`,
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
