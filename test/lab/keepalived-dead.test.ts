import assert from "node:assert/strict";
import { serves } from "./roles.ts";
import { scenario } from "./scenario.ts";

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
    await lab.until(async () => events("keepalived-dead") === 1, 20, "an error in the log");
    assert.deepEqual(await running(), [false, false]);
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
