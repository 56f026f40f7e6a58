import assert from "node:assert/strict";
import type { StatusReport } from "../../src/model/status.ts";
import { serves } from "./roles.ts";
import { scenario } from "./scenario.ts";
import type { Server } from "./server/server.ts";

const conf = "/etc/keepalived/keepalived.conf";

/** A check may make the folder meanwhile. */
const anew = (folder: string) =>
  `cp -a ${folder} /run/anew && mv ${folder} /run/gone && until mv -T /run/anew ${folder}; do rm -r ${folder}; done && rm -r /run/gone`;

/** The one thing that its `status` finds wrong. */
async function finding(server: Server) {
  const { findings } = JSON.parse((await server.run(["status", "--json"])).stdout) as StatusReport;
  assert.equal(findings.length, 1, JSON.stringify(findings));
  return { ...findings[0], text: findings[0]?.text ?? "" };
}

scenario(
  "an agent on a node whose Keepalived is dead says so: in the log once, in its status and as a metric",
  { profile: "agent", cluster: { agent: { listen: "127.0.0.1:9121" } } },
  async (lab) => {
    const { server12 } = lab;
    await lab.bringUp();
    const fetched = async (path: string) =>
      (
        await server12.exec([
          "node",
          "-e",
          `fetch("http://127.0.0.1:9121${path}").then(async (r) => console.log(await r.text()))`,
        ])
      ).stdout;
    const running = async () => [
      JSON.parse(await fetched("/status"))[0].keepalived,
      /^keepalived_redis_keepalived_up\{.*\} 1$/m.test(await fetched("/metrics")),
    ];
    const events = (event: string) => server12.log().filter((line) => line.event === event).length;
    assert.deepEqual(await running(), [true, true]);
    await server12.stopKeepalived();
    await server12.must(["sh", "-c", `cp -p ${conf} /root/kept; sed -i 's/nopreempt$/nopreemptive/' ${conf}`]);
    await lab.until(async () => events("keepalived-dead") === 1, 20, "an error in the log");
    assert.deepEqual(await running(), [false, false]);
    // Its start would fail: log and status say why.
    const why = /it does not start, since keepalived -t says \(.*Line \d+\) Unknown keyword 'nopreemptive'$/;
    assert.match(String(server12.log().find(({ event }) => event === "keepalived-dead")?.why), why);
    assert.match((await finding(server12)).text, why);
    assert.match(
      (await server12.run(["doctor", "keepalived-runs"])).stdout,
      /^danger keepalived-runs: Keepalived does not run on server12: it does not start, since keepalived -t says \(/,
    );
    // A folder that is missing is what 2.2.7 doesn't find with -t.
    await server12.must(["sh", "-c", `sed 's,/claim$,/gone&,' /root/kept > ${conf}`]);
    assert.match((await finding(server12)).text, /there is no folder \/run\/keepalived-redis\/sessions\/gone /);
    assert.equal((await finding(server12)).command, "doctor state-folder");
    // Another node is told it.
    assert.equal(JSON.parse(await fetched("/host"))[0].keepalived_problem.is, "no-folder");
    await server12.must(["cp", "-p", "/root/kept", conf]);
    assert.match((await finding(server12)).text, /it can't take over$/);
    await server12.startKeepalived();
    await lab.until(async () => events("keepalived-runs") === 1, 20, "the log says that it runs again");
    assert.deepEqual([events("keepalived-dead"), await running()], [1, [true, true]]);
  },
);

scenario(
  "recover-master starts Keepalived only if it doesn't run, and a failing start command is an error with its remedy",
  { cluster: { commands: { start_keepalived: ["false"] } } },
  async (lab) => {
    const { server12 } = lab;
    await lab.bringUp();
    await server12.killRedis();
    const running = await server12.run(["recover-master"], { deadline_ms: 60_000 });
    assert.equal(running.code, 0, running.stderr);
    assert.ok(await server12.inSync());
    await server12.stopKeepalived();
    const stopped = await server12.run(["recover-master"], { deadline_ms: 60_000 });
    assert.equal(stopped.code, 1);
    assert.match(stopped.stderr, /^recover-master: `false` failed \(exit 1\)\n {2}.*\[commands\]/);
  },
);

scenario(
  "an agent that steps down with a replica lets it copy: it has the next writes of the master at once",
  { profile: "agent" },
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    await server11.hangKeepalived();
    await lab.until(() => serves(server12), 20, "server12 took over");
    let role = "";
    const steppedDown = async () => {
      if (server11.log().some(({ event }) => event === "vip-removed")) return true;
      // It ends all sessions right after it has removed the address: then this one gets no answer.
      const now = await server11.role();
      if (now !== "none") role = now;
      return false;
    };
    await lab.until(steppedDown, 20, "server11 steps down");
    assert.equal(role, "replica", "what server11 was just before it removed the virtual IP");
    await server12.redis("SET", "after", "1");
    // A master that steps down holds writes back for 15 s: on a replica those of its master, too.
    await lab.until(async () => (await server11.redis("GET", "after")) === "1", 5, "server11 has copied the write");
    await server11.resumeKeepalived();
  },
);

scenario(
  "the state folder is made anew while Keepalived runs: log and status say so, a drain works by the check, a reload mends it",
  {},
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    const folder = "/run/keepalived-redis/sessions";
    const events = (event: string) => server11.log().filter((line) => line.event === event).length;
    await lab.until(() => events("verdict") > 0, 20, "a check was made");
    await server11.must(["sh", "-c", anew(folder)]);
    await lab.until(() => events("state-folder-not-watched") === 1, 20, "a warning in the log");
    // server12 learns it from the health check of server11.
    for (const server of lab.servers) {
      await lab.until(async () => (await finding(server)).cause === "not-watched", 20, `${server.name} finds it`);
      const { command, on } = await finding(server);
      assert.equal(command, "systemd-tmpfiles --create && systemctl reload keepalived");
      assert.equal(on, server === server11 ? undefined : "server11");
    }
    assert.match(
      (await server11.run(["doctor", "state-folder"])).stdout,
      /^danger state-folder: Keepalived does not watch \/run\/keepalived-redis\/sessions$/m,
    );
    const moved = await server11.run(["switchover"]);
    assert.equal(moved.code, 0, moved.stderr);
    await server11.reloadKeepalived();
    await lab.until(() => events("state-folder-watched") === 1, 20, "the log says that it is watched");
    await lab.until(() => server11.vrrpState() === "BACKUP", 20, "server11 is in BACKUP");
    await lab.until(async () => (await finding(server12)).cause === "good", 20, "status finds nothing");
    assert.equal(events("state-folder-not-watched"), 1);
  },
);
