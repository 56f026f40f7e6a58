import assert from "node:assert/strict";
import type { TransitionNotice } from "../../src/model/notice.ts";
import { isPair, serves } from "./roles.ts";
import { scenario } from "./scenario.ts";
import type { Server } from "./server/server.ts";

/** What an operator is told without asking: the command at each transition, and the metrics. */

const command = "/etc/on-transition";
const told = "/tmp/notices";
const textfile = "/tmp/sessions.prom";

async function install(server: Server): Promise<void> {
  server.disk.write(command, `#!/bin/sh\ncat >>${told}\n`);
  await server.must(["chmod", "755", command]);
}

async function notices(server: Server): Promise<TransitionNotice[]> {
  const { stdout } = await server.exec(["cat", told]);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as TransitionNotice);
}

const metric = (text: string, name: string, labels = ""): number | undefined => {
  const line = text.split("\n").find((one) => one.startsWith(`keepalived_redis_${name}{`) && one.includes(labels));
  return line === undefined ? undefined : Number(line.split(" ").at(-1));
};

async function textfileOf(server: Server): Promise<string> {
  await server.must(["/opt/keepalived-redis/status", "--metrics", "--output", textfile]);
  return (await server.must(["cat", textfile])).stdout;
}

async function scraped(server: Server): Promise<string> {
  const code = 'fetch("http://127.0.0.1:9121/metrics").then(async (r) => console.log(await r.text()))';
  return (await server.must(["node", "-e", code])).stdout;
}

for (const profile of ["hooks", "agent"] as const)
  scenario(
    `profile ${profile}: the command at each transition reads a notice, and the metrics count the transition`,
    { profile, cluster: { failover: { on_transition: command }, agent: { listen: "127.0.0.1:9121" } } },
    async (lab) => {
      const { server11, server12 } = lab;
      for (const server of lab.servers) await install(server);
      await lab.bringUp();
      const metrics = profile === "agent" ? scraped : textfileOf;
      const before = await metrics(server12);
      assert.equal(metric(before, "holder"), 0);
      assert.equal(metric(before, "master_link_up"), 1);
      assert.equal(metric(before, "transitions_total", 'transition="MASTER",result="done"'), 0);
      await lab.until(async () => metric(await metrics(server11), "replicas_in_sync") === 1, 20, "a replica in sync");

      await server11.killRedis();
      await lab.until(() => serves(server12), 15, "server12 took over");
      const master = async () => (await notices(server12)).find(({ transition }) => transition === "MASTER");
      await lab.until(async () => (await master()) !== undefined, 20, "server12's command was told MASTER");
      const notice = await master();
      assert.ok(notice);
      assert.deepEqual([notice.version, notice.cluster, notice.node], [1, "sessions", "server12"]);
      assert.deepEqual([notice.result, notice.holder, notice.why, notice.kept], ["done", true, null, []]);
      assert.ok(notice.rows.length > 0 && notice.steps.includes("make server12 a master"), JSON.stringify(notice));
      const fault = async () => (await notices(server11)).some(({ transition }) => transition === "FAULT");
      await lab.until(fault, 20, "server11's command was told FAULT");

      const after = await metrics(server12);
      assert.deepEqual([metric(after, "holder"), metric(after, "master")], [1, 1]);
      // On a busy host the health check may have carried the transition out once more.
      const counted = metric(after, "transitions_total", 'transition="MASTER",result="done"') ?? 0;
      assert.ok(counted >= 1);
      const done = async () =>
        (await notices(server12)).filter(({ transition, result }) => transition === "MASTER" && result === "done")
          .length;
      await lab.until(async () => (await done()) >= counted, 20, `server12's command was told ${counted} times`);
      const when = metric(after, "last_transition_timestamp_seconds", 'transition="MASTER"');
      assert.ok(when !== undefined && Math.abs(when - Date.parse(notice.when) / 1000) < 5);
      assert.equal(metric(after, "replicas_in_sync"), 0);
      const lost = await metrics(server11);
      assert.deepEqual([metric(lost, "redis_up"), metric(lost, "master")], [0, undefined]);
      await lab.until(async () => metric(await metrics(server11), "fit", 'cause="refused"') === 0, 20, "it is unfit");

      const { code, stderr } = await server11.run(["recover-master"], { deadline_ms: 60_000 });
      assert.equal(code, 0, stderr);
      await lab.until(() => isPair(server12, server11), 15, "server11 follows");
      await lab.until(async () => metric(await metrics(server12), "replicas_in_sync") === 1, 20, "in sync again");
    },
  );

scenario("the metrics of a node that is in maintenance, drained or without Keepalived", {}, async (lab) => {
  const { server12 } = lab;
  await lab.bringUp();
  await server12.must(["/opt/keepalived-redis/maintenance", "on"]);
  assert.equal(metric(await textfileOf(server12), "maintenance"), 1);
  await server12.must(["/opt/keepalived-redis/maintenance", "off"]);
  assert.equal(metric(await textfileOf(server12), "maintenance"), 0);
  await server12.stopKeepalived();
  const text = await textfileOf(server12);
  assert.deepEqual([metric(text, "keepalived_up"), metric(text, "vrrp_state")], [0, undefined]);
  const refused = await server12.run(["status", "--metrics", "--output", "/nowhere/x.prom"]);
  assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  assert.match(refused.stderr, /can't write \/nowhere\/x\.prom/);
});
