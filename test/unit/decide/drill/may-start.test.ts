import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drillStart, type KillFacts, type StartFacts } from "../../../../src/decide/drill/may-start.ts";
import type { DoctorFinding } from "../../../../src/model/doctor-report.ts";
import type { Finding } from "../../../../src/model/status.ts";

const good: StartFacts = {
  status: { findings: [{ severity: "ok", cause: "good", text: "all is well" }] },
  doctor: { findings: [] },
  move: { kind: "go", from: "server11", to: "server12" },
  kill: undefined,
};
const killable: KillFacts = { here: "server11", unknown: undefined, program: "systemctl", programFound: true };

/** Whether a drill may start, in a few words; of a refusal its cause and its remedy. */
function start(more: Partial<StartFacts>): string {
  const found = drillStart({ ...good, ...more });
  if (found.kind !== "go") assert.equal(found.kind, "refused");
  return found.kind === "go" ? `${found.from} -> ${found.to}` : `${found.refusal.cause}; ${found.refusal.remedy}`;
}

const status = (...findings: (Partial<Finding> & { cause: string })[]): Pick<StartFacts, "status"> => ({
  status: { findings: findings.map((one) => ({ severity: "warning", text: `it is ${one.cause}`, ...one })) },
});
const doctor = (...severities: DoctorFinding["severity"][]): Pick<StartFacts, "doctor"> => ({
  doctor: {
    findings: severities.map((severity, index) => ({
      ...{ check: `check${index}`, severity, on: "server12", what: "it is wrong", why: "", page: "" },
      change: { where: "redis.conf on server12", line: "bind *" },
    })),
  },
});

const rows: [string, Partial<StartFacts>, string][] = [
  ["nothing is wrong", {}, "server11 -> server12"],
  ["files are in the quarantine", status({ cause: "quarantine" }), "server11 -> server12"],
  [
    "maintenance is on, on the other node",
    status({ cause: "quarantine" }, { cause: "maintenance", command: "maintenance off", on: "server12" }),
    "it is maintenance; put that right first, on server12: maintenance off",
  ],
  ["status names no command", status({ cause: "lag" }), "it is lag; put that right first: status"],
  ["doctor has advice only", doctor("advice"), "server11 -> server12"],
  [
    "doctor finds a danger",
    doctor("advice", "danger"),
    "check1: it is wrong; put that right first, in redis.conf on server12: bind *",
  ],
  [
    "doctor finds three dangers",
    doctor("danger", "danger", "danger"),
    "check0: it is wrong (and 2 more: `doctor`); put that right first, in redis.conf on server12: bind *",
  ],
  [
    "a switchover would be refused",
    { move: { kind: "refused", refusal: { cause: "out of sync", remedy: "recover-master" } } },
    "out of sync; recover-master",
  ],
  [
    "there is nothing to move",
    { move: { kind: "nothing-to-do", master: "server11" } },
    "there is no replica to move to; `status` says what to do",
  ],
  [
    "there is nothing to move, with --kill-redis",
    { kill: killable, move: { kind: "nothing-to-do", master: "server11" } },
    "there is no replica to move to; `status` says what to do",
  ],
  ["the local Redis can be killed", { kill: killable }, "server11 -> server12"],
  [
    "the Redis to be killed is on another host",
    { kill: { ...killable, here: "server12", unknown: "no such process" } },
    "server11 is master, and only its own host can kill its Redis; run it on server11",
  ],
  [
    "a refused switchover with --kill-redis",
    { kill: killable, move: { kind: "refused", refusal: { cause: "out of sync", remedy: "recover-master" } } },
    "out of sync; recover-master",
  ],
  [
    "the process to be killed is not known",
    { kill: { ...killable, unknown: "it reports 1", programFound: false } },
    "the process of the local Redis is not known: it reports 1; drill without --kill-redis, or kill it by hand and see with `timeline` what happened",
  ],
  [
    "nothing could start it again",
    { kill: { ...killable, programFound: false } },
    "systemctl is not installed, so Redis could not be started again; name the command that starts it: commands.start_redis in the cluster file",
  ],
  [
    "status comes before doctor",
    { ...status({ cause: "lag" }), ...doctor("danger") },
    "it is lag; put that right first: status",
  ],
];

describe("a drill may start", () => {
  for (const [what, facts, expected] of rows) it(what, () => assert.equal(start(facts), expected));
});
