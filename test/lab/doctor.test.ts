import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { DoctorReport } from "../../src/model/doctor-report.ts";
import { faults } from "./doctor/faults.ts";
import { scenario } from "./scenario.ts";
import { addGeneratedFiles, goodRedisConf } from "./server/good-pair.ts";
import { binFolder, type Server } from "./server/server.ts";

/** `doctor` on a pair with real servers: nothing on a good one, and each planted fault is found. */

async function doctor(server: Server, checks: readonly string[] = [], programs?: string) {
  const path = programs === undefined ? "$PATH" : `${programs}:$PATH`;
  const command = `PATH=${path} exec ${binFolder}/doctor --json ${checks.join(" ")}`;
  const { stdout, stderr, code } = await server.exec(["sh", "-c", command]);
  assert.equal(stderr, "");
  return { ...(JSON.parse(stdout) as DoctorReport), code, stdout };
}

/** These are known only where tcpdump and arping are installed, and on a node that is not the holder. */
const exceptNetwork = ({ not_known }: DoctorReport) =>
  not_known.filter(({ check }) => !["router-id", "vrrp", "arp"].includes(check));

scenario(
  "nothing on a good pair, and each planted fault",
  { profile: "agent", cluster: { agent: { listen: "0.0.0.0:9121" } }, redis: { conf: goodRedisConf }, seconds: 300 },
  async (lab) => {
    const { server11, password = "?" } = lab;
    await addGeneratedFiles(server11, "agent");
    await lab.bringUp();

    const good = await server11.run(["doctor"]);
    assert.deepEqual([good.stdout, good.stderr, good.code], ["", "", 0]);
    const facts = await doctor(server11);
    assert.deepEqual([facts.findings, exceptNetwork(facts)], [[], []]);

    const listed = await server11.run(["doctor", "--list"]);
    assert.deepEqual(listed.stdout.match(/^\S+/gm), facts.checks);
    const mistyped = await server11.run(["doctor", "backlog-tll"]);
    assert.deepEqual([mistyped.code, mistyped.stdout], [2, ""]);
    assert.match(mistyped.stderr, /no check "backlog-tll"\n {2}did you mean backlog-ttl\?/);

    const broken: string[] = [];
    for (const { check, severity = "danger", what, line, programs, plant, repair } of faults) {
      await plant(lab);
      const isFound = ({ findings }: DoctorReport) =>
        findings.find((one) => one.check === check && what.test(one.what));
      let answer = await doctor(server11, [check], programs);
      // On a busy host the health check of the other node may tell it later.
      for (let again = 0; again < 3 && !isFound(answer); again++) answer = await doctor(server11, [check], programs);
      await repair(lab);
      const { findings, code, stdout } = answer;
      const found = isFound(answer);
      const exact = typeof line === "string" ? found?.change.line === line : line.test(found?.change.line ?? "");
      if (!found || !exact || found.severity !== severity || code !== (severity === "danger" ? 1 : 0))
        broken.push(`${check} ${what}: exit ${code}, ${JSON.stringify(findings)}`);
      for (const secret of [password, "secret-of-shop"]) assert.ok(!stdout.includes(secret), check);
    }
    assert.deepEqual(broken, []);
    const after = await doctor(server11);
    assert.deepEqual(after.findings, []);

    // Without a name it finds the one that is planted, and no other.
    for (const check of ["backlog-ttl", "log-rotation"]) {
      const fault = faults.find((one) => one.check === check);
      await fault?.plant(lab);
      const { findings, code } = await doctor(server11);
      await fault?.repair(lab);
      assert.deepEqual(
        [findings.map((one) => [one.check, one.severity]), code],
        [[[check, fault?.severity ?? "danger"]], fault?.severity === "advice" ? 0 : 1],
      );
    }
    rmSync(server11.at("/root/kept"), { force: true });
  },
);

scenario(
  "without agents: what only a peer's host knows its health check tells; a Redis that does not answer",
  { redis: { conf: goodRedisConf } },
  async (lab) => {
    const { server11, server12 } = lab;
    await addGeneratedFiles(server11, "hooks");
    await lab.bringUp();
    const { stdout, stderr, code } = await server11.run(["doctor"]);
    assert.deepEqual([stdout, stderr, code], ["", "", 0]);
    assert.deepEqual(exceptNetwork(await doctor(server11)), []);
    await server12.killRedis();
    const down = await doctor(server11, ["password"]);
    assert.deepEqual([down.findings, down.not_known.map(({ on }) => on), down.code], [[], ["server12"], 0]);
    const told = await server11.run(["doctor"]);
    assert.equal(told.code, 1);
    assert.match(told.stdout, /^danger redis-runs: the Redis of server12 does not answer: /m);
    assert.match(
      told.stdout,
      /^\? {6}\d+ checks were not made of every node: the Redis of server12 does not answer: .*\n$/m,
    );
  },
);
