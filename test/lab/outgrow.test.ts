import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { WriteReport } from "./client/write-report.ts";
import type { Host } from "./machine/host.ts";
import { plainEnvironment } from "./machine/process.ts";
import { isPair } from "./roles.ts";
import { scenario } from "./scenario.ts";
import { redisPort } from "./server/redis-conf.ts";
import type { Server } from "./server/server.ts";

/** The way of docs/outgrow.md from a running pair to Sentinel, with its own commands. */

const page = readFileSync(new URL("../../docs/outgrow.md", import.meta.url), "utf8");
const ownConf = "/etc/redis/keepalived-redis-sessions.conf";
const sentinelConf = "/etc/redis/sentinel.conf";
const user = "failover";
const userPassword = "of-the-failover-user";
const userPasswordFile = "/etc/keepalived-redis/failover-password";
const acl = "/etc/redis/keepalived-redis-acl.conf";

// Stand-ins: the package's command, and systemd, which starts Sentinel as Debian's unit does.
const systemctl = `#!/bin/sh
[ "$*" != "enable --now redis-sentinel" ] ||
  exec redis-server ${sentinelConf} --sentinel --daemonize yes --logfile /var/log/sentinel.log
`;
const files = {
  "/opt/bin/keepalived-redis": '#!/bin/sh\nname=$1\nshift\nexec "/opt/keepalived-redis/$name" "$@"\n',
  "/opt/bin/systemctl": systemctl,
  [userPasswordFile]: `${userPassword}\n`,
  [ownConf]: "",
  [acl]: "",
};
const env = { ...plainEnvironment, PATH: `/opt/bin:${plainEnvironment.PATH}` };

/** A line of the page that an operator types. Returns what it printed. */
async function typed(host: Host, line: string): Promise<string> {
  assert.ok(page.includes(`    # ${line}\n`), `docs/outgrow.md has no line: ${line}`);
  const { code, stdout, stderr } = await host.exec(["sh", "-c", line.replace("192.168.1.120", "192.0.2.120")], { env });
  // grep that finds nothing says 1.
  assert.ok(code === 0 || (code === 1 && /\bgrep\b/.test(line) && stderr === ""), `${line}: ${stdout}${stderr}`);
  return stdout;
}

const sentinelSays = async (host: Host, ...command: string[]) =>
  (await host.exec(["redis-cli", "-p", "26379", "SENTINEL", ...command])).stdout;

// A write that only a busy machine keeps waiting has not failed, nor has the first question to a Sentinel.
const patient = { connect_timeout_ms: 2000, reply_timeout_ms: 2000 };
const failures = ({ errors }: WriteReport) =>
  Object.keys(errors).filter((kind) => kind !== "no Sentinel knows the master");

/** Which process it is, and how often it has sent a full copy. */
const lives = async (server: Server) => {
  const { run_id, sync_full } = (await server.info()) ?? {};
  return { run_id, sync_full };
};

scenario(
  "a pair under writes goes to Sentinel by the steps of docs/outgrow.md: nothing is lost, no full copy, and Sentinel fails over",
  {
    profile: "agent",
    cluster: { redis: { username: user, password_file: userPasswordFile } },
    // Lines of ours come last, as `init` has it.
    redis: { replicaofLine: false, conf: [`masterauth ${userPassword}`, `include ${acl}`, `include ${ownConf}`] },
    files,
    seconds: 90,
  },
  async (lab) => {
    const { server11, server12, client } = lab;
    const nodes = [server12, server11];
    client.disk.write("/opt/bin/systemctl", systemctl, 0o755);
    for (const { disk } of nodes) disk.write(userPasswordFile, `${userPassword}\n`, 0o600);
    for (const [option, path] of [
      ["--redis", ownConf],
      ["--acl", acl],
    ] as const)
      for (const server of nodes)
        await server.must(["/opt/keepalived-redis/generate-config", option, "--output", path]);
    await lab.bringUp();
    const before = await lives(server11);
    const throughVip = await client.writeThroughVip(patient);
    await throughVip.acknowledged(200);

    for (const server of nodes) {
      await typed(server, "systemctl disable keepalived keepalived-redis-agent");
      await typed(server, "keepalived-redis maintenance on");
    }
    for (const server of nodes) {
      await typed(server, "sed -i '/^include .*keepalived-redis/d' /etc/redis/redis.conf");
      const printed = await typed(server, "keepalived-redis generate-config --sentinel | grep 'ACL SETUSER'");
      const setUser = printed.replace(/^#\s*/, "").trim().split(" ");
      await server.redis(...setUser);
      await typed(server, "REDISCLI_AUTH=$(cat /etc/keepalived-redis/password) redis-cli CONFIG REWRITE");
    }
    const left = "grep -E '^(include|replicaof)' /etc/redis/redis.conf";
    assert.equal(await typed(server12, left), `replicaof ${server11.address} ${redisPort}\n`);
    assert.equal(await typed(server11, left), "");

    await typed(server11, "keepalived-redis generate-config --sentinel --output /etc/redis/sentinel.conf");
    const text = readFileSync(server11.disk.at(sentinelConf), "utf8");
    assert.match(text, new RegExp(`^sentinel auth-pass sessions ${userPassword}$`, "m"));
    for (const { disk } of [server12, client]) disk.write(sentinelConf, text, 0o600);
    const machines = [server11, server12, client];
    for (const machine of machines) await typed(machine, "systemctl enable --now redis-sentinel");
    const complete = async (machine: Host) =>
      /^OK 3 usable/.test(await sentinelSays(machine, "CKQUORUM", "sessions")) &&
      /^num-slaves\n1$/m.test(await sentinelSays(machine, "MASTER", "sessions"));
    await lab.until(
      async () => (await Promise.all(machines.map(complete))).every(Boolean),
      30,
      "each Sentinel knows the two others and the replica",
    );
    await typed(server11, "redis-cli -p 26379 SENTINEL CKQUORUM sessions");
    assert.ok(await isPair(server11, server12), await lab.summary());

    // Both ways lead to the same master, until the last client has changed.
    const sentinels = machines.map(({ address }) => address);
    const throughSentinel = await client.writeThroughVip({ ...patient, sentinels });
    await throughSentinel.acknowledged(200);
    const stillThere =
      "REDISCLI_AUTH=$(cat /etc/keepalived-redis/password) redis-cli CLIENT LIST | grep -c laddr=192.168.1.120:";
    assert.equal((await typed(server11, stillThere)).trim(), "1");
    const first = await throughVip.stop();
    await lab.until(async () => (await typed(server11, stillThere)).trim() === "0", 10, "no client has the virtual IP");

    for (const server of nodes) {
      await typed(server, "systemctl stop keepalived keepalived-redis-agent");
      await server.stopKeepalived();
      await server.stopAgent();
    }
    assert.ok(!server11.holdsVip() && !server12.holdsVip());
    await throughSentinel.acknowledged(throughSentinel.progress.acknowledged + 200);
    assert.equal(await server11.role(), "master");
    assert.deepEqual(await lives(server11), before, "restarted, or a full copy");

    const second = await throughSentinel.stop();
    assert.deepEqual([...failures(first), ...failures(second)], [], "a write failed on the way");
    await lab.until(async () => (await lab.lostWrites(second, server12)).length === 0, 10, "server12 has all writes");
    assert.deepEqual(await server11.redis("ACL", "LOG"), [], "Redis denied something");
    await server11.killRedis();
    await lab.until(async () => (await server12.role()) === "master", 20, "Sentinel promotes server12");
    for (const report of [first, second]) assert.deepEqual(await lab.lostWrites(report, server12), []);
    const after = await client.writeThroughVip({ sentinels });
    await after.acknowledged(200);
    await after.stop();
    assert.deepEqual(await server12.redis("ACL", "LOG"), [], "Redis denied something");

    // As Sentinel has written it: the old master is demoted once it is back, and stays a replica.
    assert.doesNotMatch(readFileSync(server12.disk.at("/etc/redis/redis.conf"), "utf8"), /^(replicaof|include)/m);
    await server11.startRedis();
    await lab.until(() => server11.inSync(), 30, "server11 follows server12");
    assert.match(readFileSync(server11.disk.at("/etc/redis/redis.conf"), "utf8"), /^replicaof 192\.0\.2\.12 6379$/m);
  },
);
