import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { Lab } from "./lab.ts";
import { plainEnvironment } from "./machine/process.ts";
import { isPair } from "./roles.ts";
import { scenario } from "./scenario.ts";
import { pidPath, socketPath } from "./server/redis-conf.ts";
import { binFolder, type Server } from "./server/server.ts";

/** init makes a cluster out of servers that ran alone, and the data of one of them become those of the cluster. */

/** As Debian has it, with a password: the loopback address only, and nothing about replication. */
const standalone = (password: string | undefined) => `bind 127.0.0.1 -::1
port 6379
unixsocket ${socketPath}
pidfile ${pidPath}
logfile /var/log/redis.log
dir /var/lib/redis
requirepass ${password}
save 3600 1 300 100
`;

const systemctl = `#!/bin/sh
echo "$*" >>/var/log/systemctl.log
case "$*" in
"enable --now keepalived-redis-agent") exec /opt/lab/start-agent ;;
"start keepalived") exec /opt/lab/start-keepalived ;;
"reload keepalived") kill -HUP "$(cat /run/keepalived.pid)" ;;
esac
`;

const files = {
  "/opt/systemd/systemctl": systemctl,
  "/opt/systemd/systemd-tmpfiles": "#!/bin/sh\n",
  "/opt/systemd/systemd-sysusers": "#!/bin/sh\n",
};
const options = { env: { ...plainEnvironment, PATH: `/opt/systemd:${plainEnvironment.PATH}` }, deadline_ms: 60_000 };
const init = (server: Server, ...args: string[]) => server.run(["init", ...args], options);

/** Hosts as they are before init: Redis runs alone, and nothing of the product is in /etc. */
async function runAlone(lab: Lab): Promise<void> {
  for (const server of lab.servers) {
    await server.must(["sh", "-c", "rm -r /etc/keepalived-redis /etc/keepalived/* && mkdir -p /run/systemd/system"]);
    server.disk.write("/etc/redis/redis.conf", standalone(lab.password), 0o640);
    server.disk.write("/root/password", `${lab.password}\n`, 0o600);
    await server.startRedis();
  }
}

const fill = (server: Server, count: number) =>
  server.redis(
    "EVAL",
    "for i = 1, tonumber(ARGV[1]) do redis.call('SET', KEYS[1] .. i, i) end",
    "1",
    "key:",
    `${count}`,
  );
const runId = async (server: Server) => (await server.info())?.run_id;
const keys = (server: Server) => server.redis("DBSIZE");
const begin = ["--yes", "--name", "sessions", "--vip", "192.0.2.120", "--router-id", "51"];

for (const profile of ["agent", "hooks"] as const) {
  const answers = [...begin, "--profile", profile, "--node", "server12=192.0.2.12"];
  scenario(
    `init on a Redis with 2000 keys, --join on one with 3: a pair serves the 2000, and after a crash, too (profile ${profile})`,
    { profile, files, seconds: 120 },
    async (lab) => {
      const { server11, server12 } = lab;
      await runAlone(lab);
      await fill(server11, 2000);
      await fill(server12, 3);
      const before = [await runId(server11), await runId(server12)];

      if (profile === "hooks") {
        await server12.redis("CONFIG", "SET", "bind", "0.0.0.0");
        const unclear = await init(server11, ...answers);
        assert.equal(unclear.code, 1, unclear.stdout);
        assert.match(unclear.stderr, /server11 has 2000 keys, and server12 has 3: .*\n.*`init --adopt`/);
        assert.ok(!existsSync(server11.disk.at("/etc/keepalived-redis/cluster.toml")));
        answers.push("--adopt");
      }
      const first = await init(server11, ...answers);
      assert.equal(first.code, 0, `${first.stdout}${first.stderr}`);
      assert.ok(server11.holdsVip());
      assert.equal(await keys(server11), 2000);
      if (profile === "hooks") assert.match(first.stdout, /server12 is parked: .* its 3 keys/);
      const word = / --join (\S+)$/m.exec(first.stdout)?.[1] ?? "";

      const second = await init(server12, "--yes", "--join", word, "--password-file", "/root/password");
      assert.equal(second.code, 0, `${second.stdout}${second.stderr}`);
      await lab.until(() => isPair(server11, server12), 20, "a pair");
      assert.equal(await keys(server12), 2000);
      assert.match(second.stdout, /its own 3 keys are kept/);
      const kept = await server12.must(["sh", "-c", "ls /var/lib/keepalived-redis/sessions/quarantine/*.rdb"]);
      assert.equal(kept.stdout.trim().split("\n").length, 1);
      for (const { disk } of lab.servers)
        assert.match(readFileSync(disk.at("/var/log/systemctl.log"), "utf8"), /^enable keepalived$/m);
      // Neither server was restarted.
      assert.deepEqual([await runId(server11), await runId(server12)], before);
      for (const { stdout, stderr } of [first, second]) assert.ok(!`${stdout}${stderr}`.includes(lab.password ?? "?"));

      for (const server of lab.servers) {
        const { code, stdout, stderr } = await init(server, "--yes");
        assert.equal(code, 0, `${stdout}${stderr}`);
        assert.match(stdout, /^No file has to be changed\.$/m);
        assert.doesNotMatch(stdout, /Settings of the running Redis| wrote | --join /);
      }

      await server11.killRedis();
      await lab.until(
        async () => server12.holdsVip() && (await server12.role()) === "master",
        20,
        "server12 took over",
      );
      assert.equal(await keys(server12), 2000);
      // It comes back parked by the file that its redis.conf includes now.
      await server11.startRedis();
      const back = await server11.run(["recover-master"], options);
      assert.equal(back.code, 0, back.stderr);
      await lab.until(() => isPair(server12, server11), 20, "a pair again");
      assert.equal(await keys(server11), 2000);

      await server11.stopKeepalived();
      if (profile === "agent") {
        assert.match((await init(server11, "--undo")).stderr, /the agent runs here/);
        await server11.stopAgent();
      }
      const undone = await init(server11, "--undo");
      assert.equal(undone.code, 0, undone.stderr);
      assert.equal(await server11.role(), "master");
      assert.deepEqual(await server11.redis("CONFIG", "GET", "bind"), ["bind", "127.0.0.1 -::1"]);
      const left = await server11.must([
        "sh",
        "-c",
        "cat /etc/redis/redis.conf; ls -A /etc/redis /etc/keepalived-redis",
      ]);
      assert.equal(left.stdout, `${standalone(lab.password)}/etc/keepalived-redis:\n\n/etc/redis:\nredis.conf\n`);
    },
  );
}

/** An address of somebody else, in a file that keepalived.conf includes. */
const web = `vrrp_instance web {
    state BACKUP
    interface eth0
    virtual_router_id 80
    advert_int 1
    virtual_ipaddress {
        192.0.2.80/24
    }
}
`;

scenario(
  "init began on the node without keys and with an address of others: that stays, the other node does not give its 2000 keys up, and --adopt serves them",
  { profile: "agent", files, seconds: 120 },
  async (lab) => {
    const { server11, server12 } = lab;
    await runAlone(lab);
    await fill(server11, 2000);
    server12.disk.write("/etc/keepalived/keepalived.conf", "include conf.d/*.conf\n");
    server12.disk.write("/etc/keepalived/conf.d/web.conf", `${web}}\n`);
    const untested = await init(server12, ...begin, "--node", "server11=192.0.2.11");
    assert.equal(untested.code, 1, untested.stdout);
    assert.match(
      untested.stderr,
      /keepalived -t refuses \/etc\/keepalived\/keepalived\.conf together with ours: .*conf\.d/,
    );
    assert.deepEqual((await server12.must(["ls", "-A", "/etc/keepalived"])).stdout, "conf.d\nkeepalived.conf\n");
    server12.disk.write("/etc/keepalived/conf.d/web.conf", web);
    const empty = await init(server12, ...begin, "--node", "server11=192.0.2.11");
    assert.equal(empty.code, 0, `${empty.stdout}${empty.stderr}`);
    assert.match(
      empty.stdout,
      /^Our global_defs count for everything in keepalived\.conf .*: enable_script_security, /m,
    );
    const addresses = async () => (await server12.must(["ip", "-o", "addr"])).stdout;
    await lab.until(async () => (await addresses()).includes(" 192.0.2.80/24 "), 20, "the address of others");
    const join = [
      "--yes",
      "--join",
      / --join (\S+)$/m.exec(empty.stdout)?.[1] ?? "",
      "--password-file",
      "/root/password",
    ];
    const refused = await init(server11, ...join);
    assert.equal(refused.code, 1, refused.stdout);
    assert.match(refused.stderr, /server11 has 2000 keys, and server12, which is master, has none\n.*--adopt/);
    const adopted = await init(server11, ...join, "--adopt");
    assert.equal(adopted.code, 0, `${adopted.stdout}${adopted.stderr}`);
    const pair = async () => (await isPair(server11, server12)) || (await isPair(server12, server11));
    await lab.until(pair, 15, "a pair");
    assert.deepEqual([await keys(server11), await keys(server12)], [2000, 2000]);
  },
);

scenario(
  "init is killed again and again on both nodes: run once more, it completes",
  { profile: "agent", files, seconds: 150 },
  async (lab) => {
    const { server11, server12 } = lab;
    await runAlone(lab);
    await fill(server11, 2000);
    await fill(server12, 3);
    const before = [await runId(server11), await runId(server12)];
    const killed = async (server: Server, args: readonly string[]) => {
      for (let delay_ms = 250; delay_ms < 1500; delay_ms += 150) {
        const command = `${binFolder}/init ${args.join(" ")} & sleep ${delay_ms / 1000}; kill -9 $!`;
        await server.exec(["sh", "-c", command], options);
      }
    };
    const answers = [...begin, "--node", "server12=192.0.2.12"];
    await killed(server11, answers);
    const first = await init(server11, ...answers);
    assert.equal(first.code, 0, `${first.stdout}${first.stderr}`);
    assert.ok(server11.holdsVip());

    const join = [
      "--yes",
      "--join",
      / --join (\S+)$/m.exec(first.stdout)?.[1] ?? "",
      "--password-file",
      "/root/password",
    ];
    await killed(server12, join);
    const second = await init(server12, ...join);
    assert.equal(second.code, 0, `${second.stdout}${second.stderr}`);
    await lab.until(() => isPair(server11, server12), 20, "a pair");
    assert.deepEqual([await keys(server11), await keys(server12)], [2000, 2000]);
    assert.deepEqual([await runId(server11), await runId(server12)], before);
  },
);

scenario(
  "both Redis were restarted parked, and nobody knows the history of the 2000 keys: init --adopt serves them",
  { redis: { save: "3600 1" }, seconds: 90 },
  async (lab) => {
    const { server11, server12 } = lab;
    const conf = readFileSync(server11.disk.at("/etc/redis/redis.conf"), "utf8");
    server11.disk.write("/etc/redis/redis.conf", standalone(lab.password), 0o600);
    await server11.startRedis();
    await fill(server11, 2000);
    await server11.stopRedis();
    server11.disk.write("/etc/redis/redis.conf", conf, 0o600);
    for (const server of lab.servers) {
      await server.startRedis();
      await server.startKeepalived();
    }
    const inFault = (server: Server) => server.hookRuns().at(-1)?.transition === "FAULT";
    await lab.until(() => lab.servers.every(inFault), 15, "both are in FAULT");
    const refused = await init(server11, "--yes");
    assert.equal(refused.code, 1, refused.stdout);
    assert.match(refused.stderr, /2000 keys of an incomplete or unknown copy.*\n.*`init --adopt`/);
    const empty = await init(server12, "--yes");
    assert.match(empty.stderr, /server12 has no keys, and server11 has 2000.*\n.*`init --adopt` on server11/);

    const { code, stdout, stderr } = await init(server11, "--yes", "--adopt");
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /adopted: the 2000 keys of server11/);
    await lab.until(() => isPair(server11, server12), 15, "a pair");
    assert.equal(await keys(server12), 2000);
  },
);
