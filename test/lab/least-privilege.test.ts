import assert from "node:assert/strict";
import type { DoctorReport } from "../../src/model/doctor-report.ts";
import type { StatusReport } from "../../src/model/status.ts";
import type { Lab } from "./lab.ts";
import { isPair, serves } from "./roles.ts";
import { scenario } from "./scenario.ts";
import type { Server } from "./server/server.ts";

/** A pair whose Redis user is the one that generate-config --acl prints: it is enough for everything. */

const user = "failover";
const password = "of-the-failover-user";
const passwordFile = "/etc/keepalived-redis/failover-password";
const aclFile = "/etc/redis/acl.conf";
const longRun = { deadline_ms: 90_000 };

const setup = {
  cluster: { redis: { username: user, password_file: passwordFile } },
  files: { [passwordFile]: `${password}\n`, [aclFile]: "" },
  redis: { conf: [`include ${aclFile}`, `masterauth ${password}`, "repl-backlog-size 64mb"] },
};

async function installAcl(server: Server): Promise<void> {
  await server.must(["chmod", "600", passwordFile]);
  await server.must(["/opt/keepalived-redis/generate-config", "--acl", "--output", aclFile]);
}

/** What Redis has denied to our user since its start, or since this was last asked. */
async function denied(server: Server): Promise<string[]> {
  const entries = (await server.redis("ACL", "LOG")) as string[][];
  await server.redis("ACL", "LOG", "RESET");
  return entries
    .map((entry) => (key: string) => String(entry[entry.indexOf(key) + 1]))
    .filter((of) => of("username") === user)
    .map((of) => `${server.name}: ${of("reason")} ${of("object")}`);
}

const none = async ({ servers }: Lab, after: string): Promise<void> =>
  assert.deepEqual((await Promise.all(servers.map(denied))).flat(), [], after);

for (const profile of ["hooks", "agent"] as const)
  scenario(
    `the rights of generate-config --acl are enough, profile ${profile}`,
    { ...setup, profile, seconds: 240, long: profile === "hooks" },
    async (lab) => {
      const { server11, server12, client } = lab;
      await Promise.all(lab.servers.map(installAcl));
      await lab.bringUp();
      const writing = await client.writeThroughVip();
      await writing.acknowledged(100);

      // The log of Redis is gone with the process, so it is read before.
      await none(lab, "at the start");
      await server11.killRedis();
      await lab.until(() => serves(server12), 15, "server12 took over from a Redis that was killed");
      await server11.startRedis();
      await lab.until(() => isPair(server12, server11), 30, "server11 follows");
      await none(lab, "crash");

      await server12.hangRedis();
      await lab.until(() => serves(server11), 20, "server11 took over from a Redis that hangs");
      await server12.resumeRedis();
      await lab.until(() => isPair(server11, server12), 30, "server12 follows");
      await none(lab, "hang");

      // The other node's check has to succeed once more before it takes the virtual IP.
      await lab.until(() => server12.vrrpState() === "BACKUP", 20, "server12 is fit");
      const moved = await server11.run(["switchover"], longRun);
      assert.equal(moved.code, 0, moved.stdout + moved.stderr);
      await lab.until(() => isPair(server12, server11), 30, "the role was moved to server12");
      await none(lab, "planned move");

      await server12.killRedis();
      await lab.until(() => serves(server11), 15, "server11 took over");
      // The agent would take the dump, too, that recover-master is to take here.
      if (profile === "agent") {
        await server12.startRedis();
        await lab.until(() => isPair(server11, server12), 30, "server12 follows");
      }
      const recovered = await server12.run(["recover-master", "--failback"], longRun);
      assert.equal(recovered.code, 0, recovered.stdout + recovered.stderr);
      await lab.until(() => isPair(server12, server11), 30, "server12 is master again");
      await none(lab, "recover-master");

      await server12.cutOff({ silently: true });
      for (let key = 0; key < 100; key++) await server12.redis("SET", `own:${key}`, String(key));
      await lab.until(() => serves(server11), 15, "server11 took over from a host that was cut off");
      await writing.acknowledged(writing.progress.acknowledged + 500);
      await server12.heal();
      await lab.until(() => isPair(server11, server12), 40, "server11 stays, server12 follows");
      await writing.stop();
      await none(lab, "split");

      const applied = await server12.run(["diverged", "apply", "latest"], longRun);
      assert.equal(applied.code, 0, applied.stdout + applied.stderr);
      assert.equal(await server11.redis("GET", "own:99"), "99");
      await none(lab, "diverged apply");

      const status = await server11.run(["status", "--json"]);
      const { findings: said } = JSON.parse(status.stdout) as StatusReport;
      // What was kept on the way is there still.
      assert.ok(["good", "quarantine"].includes(said[0]?.cause ?? ""), status.stdout);
      const { stdout } = await server11.run(["doctor", "--json"], longRun);
      const { findings, not_known } = JSON.parse(stdout) as DoctorReport;
      const aboutAccess = ["password", "masterauth", "commands", "acl-users", "clock"];
      assert.deepEqual(
        [...findings, ...not_known].filter(({ check }) => aboutAccess.includes(check)),
        [],
      );
      await none(lab, "status and doctor");
    },
  );
