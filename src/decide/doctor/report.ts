import type { DoctorFacts } from "../../model/doctor.ts";
import type { DoctorFinding, DoctorReport, NotKnown } from "../../model/doctor-report.ts";
import { accessChecks } from "./access.ts";
import { bufferChecks } from "./buffers.ts";
import type { Check } from "./check.ts";
import { ifKnown } from "./check.ts";
import { fileChecks } from "./files.ts";
import { hostChecks } from "./hosts.ts";
import { knownBugsCheck } from "./known-bugs.ts";
import { networkChecks } from "./network.ts";
import { predict, predictionCheck } from "./prediction.ts";
import { programChecks } from "./programs.ts";
import { replicationChecks } from "./replication.ts";
import { systemChecks } from "./system.ts";

export const checksTable: readonly Check[] = [
  ...accessChecks,
  ...replicationChecks,
  ...bufferChecks,
  ...hostChecks,
  ...fileChecks,
  ...systemChecks,
  knownBugsCheck,
  ...programChecks,
  ...networkChecks,
  predictionCheck,
];

/** What these checks find, the dangers first. */
export function doctorReport(facts: DoctorFacts, checks: readonly Check[] = checksTable): DoctorReport {
  const findings: DoctorFinding[] = [];
  const notKnown: NotKnown[] = [];
  for (const { name, page, find } of checks)
    for (const found of find(facts))
      if ("not_known" in found) notKnown.push({ check: name, ...found });
      else findings.push({ check: name, ...found, page });
  const profile = ifKnown(facts.host.keepalivedConf)?.profile;
  return {
    version: 1,
    cluster: facts.cluster,
    from: facts.here,
    checks: checks.map(({ name }) => name),
    findings: findings.toSorted((a, b) => Number(a.severity === "advice") - Number(b.severity === "advice")),
    not_known: notKnown,
    prediction: profile === undefined ? null : predict(facts.timing, profile),
  };
}
