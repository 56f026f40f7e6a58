import assert from "node:assert/strict";
import { it } from "node:test";
import { fact, NotThere } from "../../../../src/admin/doctor/fact.ts";
import { doctorLines } from "../../../../src/admin/doctor/text.ts";
import { checksTable, doctorReport } from "../../../../src/decide/doctor/report.ts";
import type { DoctorFacts } from "../../../../src/model/doctor.ts";
import { ReplyError } from "../../../../src/redis/session.ts";
import { good, nodeOf, none } from "../../decide/doctor/facts.ts";

/** What is printed of a good pair that was changed. */
function printed(change: (facts: DoctorFacts) => void, checks = checksTable): string[] {
  const facts = good();
  change(facts);
  return doctorLines(doctorReport(facts, checks), checks !== checksTable);
}

const gone = { unknown: "server12 told nothing: no answer within 1 s" };
const ofHost = { holder: gone, keepalived: gone, agent: gone, clusterFile: gone };

it("prints nothing of a good pair", () => {
  assert.deepEqual(
    printed(() => undefined),
    [],
  );
});

it("says how many checks were not made, and each reason once", () => {
  const lines = printed((facts) => Object.assign(nodeOf(facts, 1), ofHost));
  assert.deepEqual(lines, [
    "?      3 checks were not made of every node: server12 told nothing: no answer within 1 s (doctor --json)",
  ]);
  const one = printed(({ host }) => {
    host.free = none;
  });
  assert.deepEqual(one, ["?      1 check was not made of every node: no answer (doctor --json)"]);
});

it("a peer of which nothing is known is a finding, with the line last", () => {
  const silent = { unknown: "the Redis of server12 does not answer: ECONNREFUSED" };
  const lines = printed((facts) =>
    Object.assign(nodeOf(facts, 1), {
      ...{ login: silent, settings: silent, info: silent, commands: silent, users: silent, clock: silent },
      ...ofHost,
    }),
  );
  assert.match(lines[0] ?? "", /^danger redis-runs: the Redis of server12 does not answer: ECONNREFUSED/);
  assert.match(lines.at(-1) ?? "", /^\? {6}\d\d checks were not made .*ECONNREFUSED; server12 told nothing/);
});

it("names three reasons, and how many more there are", () => {
  const [line = ""] = printed(({ host }) => {
    host.free = { unknown: "a" };
    host.unit = { unknown: "b" };
    host.selinux = { unknown: "c" };
    host.scripts = { unknown: "d" };
  });
  assert.match(line, /^\? {6}4 checks were .*and 1 more \(doctor --json\)$/);
});

it("does not speak of what is not known by nature", () => {
  const lines = printed((facts) => {
    facts.network.adverts = { unknown: "tcpdump: tcpdump is not installed", harmless: true };
    nodeOf(facts, 1).keepalived = { ...gone, harmless: true };
  });
  assert.deepEqual(lines, []);
});

it("with names each is said in its own line", () => {
  const checks = checksTable.filter(({ name }) => name === "keepalived-runs");
  const lines = printed((facts) => Object.assign(nodeOf(facts, 1), ofHost), checks);
  assert.deepEqual(lines, [`?      keepalived-runs: not known of server12: ${gone.unknown}`]);
});

it("a program that is not installed and a right that is not given are harmless, other errors are not", async () => {
  const failing = (error: Error) => fact("x", () => Promise.reject(error));
  assert.deepEqual(await failing(new NotThere("no x")), { unknown: "x: no x", harmless: true });
  assert.deepEqual(await failing(new ReplyError("NOPERM no rights")), {
    unknown: "x: Redis answers NOPERM",
    harmless: true,
  });
  assert.deepEqual(await failing(new ReplyError("LOADING wait")), { unknown: "x: Redis answers LOADING" });
  assert.deepEqual(await failing(new Error("EACCES")), { unknown: "x: EACCES" });
});
