import assert from "node:assert/strict";
import type { Datum, StatusReport } from "../../src/model/status.ts";
import type { Lab } from "./lab.ts";
import { isPair, serves } from "./roles.ts";
import { scenario } from "./scenario.ts";
import { passwordPath } from "./server/cluster-file.ts";
import type { Server } from "./server/server.ts";

/** `status` on real hosts: what it sees in each situation, from either node. */

const listening = { agent: { listen: "0.0.0.0:9121" } };
const clusterFile = "/etc/keepalived-redis/cluster.toml";

async function report(server: Server, ...args: string[]): Promise<StatusReport> {
  const { stdout, stderr, code } = await server.run(["status", "--json", ...args]);
  assert.equal(stderr, "");
  const found = JSON.parse(stdout) as StatusReport;
  assert.equal(code, found.findings[0]?.severity === "ok" ? 0 : 1);
  return found;
}

/** Waits until `status` on this host says that this is what is wrong, and returns what it said. */
async function until(
  lab: Lab,
  server: Server,
  cause: string,
  holds = (_: StatusReport) => true,
): Promise<StatusReport> {
  let last: StatusReport | undefined;
  const found = async () => {
    last = await report(server);
    return last.findings[0]?.cause === cause && holds(last);
  };
  await lab.until(found, 20, `${server.name} finds ${cause}`).catch((error: Error) => {
    throw new Error(`${error.message}\n${JSON.stringify(last?.findings)}`);
  });
  return last as StatusReport;
}

const viaOf = <T>(datum: Datum<T>) => ("via" in datum ? datum.via : undefined);

const nodeOf = ({ nodes }: StatusReport, { name }: Server) => {
  const node = nodes.find((one) => one.name === name);
  assert.ok(node);
  return node;
};

/** Less than a second; on a machine so busy that Node.js alone takes most of that to start, without its start. */
async function assertFast(server: Server): Promise<void> {
  const times: string[] = [];
  for (let run = 0; run < 4; run++) {
    const [start, whole] = [await server.run(["status", "--version"]), await server.run(["status"])];
    if (whole.ms < 1000 || whole.ms - start.ms < 700) return;
    times.push(`${Math.round(whole.ms)} (start ${Math.round(start.ms)})`);
  }
  assert.fail(`${server.name}: ${times} ms`);
}

scenario(
  "with agents: what each host knows travels to the other",
  { profile: "agent", cluster: listening },
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    for (const server of lab.servers) {
      const seen = await until(lab, server, "good", ({ reach }) => reach.some(({ vrrp }) => vrrp === "yes"));
      const [master, replica] = [nodeOf(seen, server11), nodeOf(seen, server12)];
      assert.deepEqual([master.redis.value?.state, replica.redis.value?.state], ["master", "replica"]);
      assert.deepEqual([master.holder.value, replica.holder.value], [true, false]);
      assert.deepEqual([master.vrrp.value?.state, replica.vrrp.value?.state], ["MASTER", "BACKUP"]);
      assert.deepEqual([master.agent.value, replica.agent.value], ["alive", "alive"]);
      assert.equal(master.last_transition.value?.result, "done");
      assert.equal(replica.link.value?.of, "server11");
      const checked = await server.run(["status", "--check"]);
      assert.match(checked.stdout, /^OK: server11 is master .* \| masters=1;;1:1 .*\n$/);
      assert.equal(checked.code, 0);
      const text = await server.run(["status"]);
      assert.ok(!text.stdout.includes("\u001b"));
      assert.ok(text.stdout.split("\n").every((line) => line.length <= 80));
      assert.ok(!text.stdout.includes(lab.password ?? "?"));
      await assertFast(server);
    }

    await server12.must(["/opt/keepalived-redis/maintenance", "on"]);
    for (const server of lab.servers) await until(lab, server, "maintenance");
    await server12.must(["/opt/keepalived-redis/maintenance", "off"]);

    await server12.hangAgent();
    for (const server of lab.servers) {
      const seen = await until(lab, server, "agent");
      assert.equal(nodeOf(seen, server12).agent.value, "hung");
      assert.equal(seen.findings[0]?.on, server === server12 ? undefined : "server12");
    }
    await server12.killAgent();
    await until(lab, server12, "agent", (seen) => nodeOf(seen, server12).agent.value === "died");
    // Its port refuses connections; the health check, which Keepalived makes again, tells the rest.
    const died = await until(lab, server11, "agent", (seen) => nodeOf(seen, server12).agent.value === "died");
    assert.deepEqual(viaOf(nodeOf(died, server12).priority), "check");
    await server12.startAgent();

    await server12.stopKeepalived();
    for (const server of lab.servers) {
      const seen = await until(lab, server, "keepalived-dead");
      assert.equal(nodeOf(seen, server12).vrrp.value === null ? "" : "stale", "stale");
      const { vrrp } = nodeOf(seen, server12);
      assert.ok("stale" in vrrp && vrrp.stale, "what Keepalived said last is stale");
    }

    await server12.killRedis();
    for (const server of lab.servers) {
      const { findings } = await until(lab, server, "redis-down");
      assert.match(findings[0]?.command ?? "", /^recover-master/);
    }
  },
);

scenario("files that are broken, and a wrong password", { profile: "agent" }, async (lab) => {
  const { server11 } = lab;
  await lab.bringUp();
  // Without agent.listen: the health check of the other node tells it over its Redis.
  const seen = await until(lab, server11, "good", (report) => viaOf(nodeOf(report, lab.server12).priority) === "check");
  assert.equal(nodeOf(seen, lab.server12).agent.value, "alive");

  await server11.must(["cp", clusterFile, "/tmp/good"]);
  await server11.must(["sh", "-c", `echo 'name = ' > ${clusterFile}`]);
  const broken = await until(lab, server11, "broken-file");
  assert.match(broken.broken ?? "", /cluster\.toml:1/);
  assert.equal(broken.nodes[0]?.redis.value?.state, "master");
  await server11.must(["cp", "/tmp/good", clusterFile]);

  await server11.must(["sh", "-c", `echo wrong > ${passwordPath}`]);
  const { nodes, findings } = await until(lab, server11, "rejected");
  assert.deepEqual(
    nodes.map(({ redis }) => [redis.value?.state, redis.value?.why]),
    [
      ["rejected", "password"],
      ["rejected", "password"],
    ],
  );
  assert.match(findings[0]?.command ?? "", /redis-cli -h 192\.0\.2\.11 -p 6379 PING$/);
  assert.equal((await server11.run(["status", "--check"])).code, 2);

  const nowhere = await server11.run(["status", "--check", "--cluster", "/nowhere"]);
  assert.deepEqual([nowhere.code, nowhere.stdout], [3, "UNKNOWN: /nowhere: no such cluster file\n"]);
});

scenario(
  "the master's Redis dies: before and after the take-over, and Keepalived dies on the holder",
  {},
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    for (const [server, other] of [
      [server11, server12],
      [server12, server11],
    ] as const) {
      const seen = await until(lab, server, "good", (report) => viaOf(nodeOf(report, other).vrrp) === "check");
      const { vrrp, agent, verdict, holder } = nodeOf(seen, other);
      assert.deepEqual([vrrp.value?.state, holder.value], other === server11 ? ["MASTER", true] : ["BACKUP", false]);
      assert.deepEqual([agent.value, verdict.value?.fit], ["none", true]);
    }
    await server12.must(["/opt/keepalived-redis/maintenance", "on"]);
    await until(lab, server11, "maintenance");
    await server12.must(["/opt/keepalived-redis/maintenance", "off"]);

    await Promise.all(lab.servers.map((server) => server.hangKeepalived()));
    await server11.killRedis();
    for (const server of lab.servers) {
      const found = await until(lab, server, "no-master");
      const { findings, nodes } = found;
      assert.match(findings[0]?.command ?? "", /^status --watch/);
      assert.equal(nodes[0]?.redis.value?.state, "refused");
      const { keepalived_hangs, vrrp } = nodeOf(found, server);
      assert.equal(keepalived_hangs.value, true);
      assert.ok("stale" in vrrp && vrrp.stale, "what Keepalived said before it was stopped is stale");
    }
    await Promise.all(lab.servers.map((server) => server.resumeKeepalived()));
    await lab.until(() => serves(server12), 20, "server12 took over");
    for (const server of lab.servers) {
      const seen = await until(lab, server, "redis-down");
      assert.equal(nodeOf(seen, server12).redis.value?.state, "master");
    }
    await server12.killKeepalived();
    const seen = await until(lab, server12, "keepalived-dead");
    assert.deepEqual(
      [seen.findings[0]?.severity, nodeOf(seen, server12).holder.value, nodeOf(seen, server12).verdict],
      ["critical", true, { ...nodeOf(seen, server12).verdict, stale: "nothing checks this node now" }],
    );
    const watched = await server12.exec([
      ...["timeout", "--preserve-status", "-s", "INT", "3"],
      ...["/opt/keepalived-redis/status", "--watch"],
    ]);
    assert.equal(watched.code, 0, watched.stderr);
    assert.ok((watched.stdout.match(/^sessions: virtual IP/gm) ?? []).length > 1);
  },
);

scenario("a split, and what is kept of it", { profile: "agent", cluster: listening }, async (lab) => {
  const { server11, server12 } = lab;
  await lab.bringUp();
  await server11.cutOff({ silently: true });
  await lab.until(() => serves(server12), 15, "server12 took over");
  for (const [server, other] of [
    [server11, server12],
    [server12, server11],
  ] as const) {
    const seen = await until(lab, server, "not-seen");
    assert.equal(nodeOf(seen, server).redis.value?.state, "master");
    const { redis, agent, holder } = nodeOf(seen, other);
    assert.deepEqual([redis.value, agent.value, holder.value], [null, null, null], "unseen is not down");
    await assertFast(server);
  }
  await server11.redis("SET", "here", "only");
  // The node that took more writes stays master.
  for (let n = 0; n < 20; n++) await server12.redis("SET", `key:${n}`, "there");
  await server11.heal();
  await lab.until(() => isPair(server12, server11), 30, "server12 serves and server11 follows");
  for (const server of lab.servers) {
    const { findings } = await until(lab, server, "quarantine");
    assert.match(findings[0]?.command ?? "", /^diverged show 1/);
    assert.equal(findings[0]?.on, server === server11 ? undefined : "server11");
  }
});
