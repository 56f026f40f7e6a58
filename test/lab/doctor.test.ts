import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { DoctorReport } from "../../src/model/doctor.ts";
import type { Lab } from "./lab.ts";
import { scenario } from "./scenario.ts";
import type { Server } from "./server/server.ts";

/** `doctor` on a pair with real servers: nothing on a good one, and each planted fault is found. */

const redisConf = "/etc/redis/redis.conf";
const keepalivedConf = "/etc/keepalived/keepalived.conf";
const clusterFile = "/etc/keepalived-redis/cluster.toml";
const tmpfiles = "/etc/tmpfiles.d/keepalived-redis-sessions.conf";
const logrotate = "/etc/logrotate.d/keepalived-redis-sessions";
const link = "/run/systemd/netif/links";

interface Fault {
  check: string;
  severity?: "advice";
  /** What it is to say, and the line to change. */
  what: RegExp;
  line: string | RegExp;
  plant(lab: Lab): Promise<unknown>;
  repair(lab: Lab): Promise<unknown>;
}

const sh = (server: Server, script: string) => server.must(["sh", "-c", script]);

/** A setting of one Redis, and the one that is right. */
const setting = (on: "server11" | "server12", name: string, wrong: string, right: string) => ({
  plant: (lab: Lab) => lab[on].redis("CONFIG", "SET", name, wrong),
  repair: (lab: Lab) => lab[on].redis("CONFIG", "SET", name, right),
});

/** A file of this host with something else in it, by a script that is given it as `$f`. */
const changed = (path: string, script: string) => ({
  plant: ({ server11 }: Lab) => sh(server11, `f=${path}; cp -p $f /root/kept && ${script}`),
  repair: ({ server11 }: Lab) => sh(server11, `cp -p /root/kept ${path}`),
});

const faults: readonly Fault[] = [
  {
    check: "password",
    what: /server12 rejects our login \(WRONGPASS\)/,
    line: /^requirepass THE-PASSWORD/,
    plant: ({ server12 }) => server12.redis("ACL", "SETUSER", "default", "resetpass", ">another"),
    repair: ({ server12, password }) =>
      sh(server12, `redis-cli -a another ACL SETUSER default resetpass '>${password}'`),
  },
  {
    check: "masterauth",
    what: /server12 rejects the masterauth of server11 \(WRONGPASS\)/,
    line: /^masterauth THE-PASSWORD/,
    plant: ({ server11 }) => server11.redis("CONFIG", "SET", "masterauth", "another"),
    repair: ({ server11, password }) => server11.redis("CONFIG", "SET", "masterauth", password ?? ""),
  },
  {
    check: "bind",
    what: /listens on 192.0.2.11 127.0.0.1 only/,
    line: "bind * -::*",
    ...setting("server11", "bind", "192.0.2.11 127.0.0.1", "0.0.0.0"),
  },
  {
    check: "commands",
    what: /server12 denies CLIENT PAUSE/,
    line: /CLIENT\|PAUSE$/i,
    plant: ({ server12 }) => server12.redis("ACL", "SETUSER", "default", "-client|pause"),
    repair: ({ server12 }) => server12.redis("ACL", "SETUSER", "default", "+@all"),
  },
  {
    check: "acl-users",
    what: /server12 has no user shop/,
    line: /^ACL SETUSER shop/,
    plant: ({ server11 }) => server11.redis("ACL", "SETUSER", "shop", "on", ">secret-of-shop", "~*", "+@all"),
    repair: ({ server11 }) => server11.redis("ACL", "DELUSER", "shop"),
  },
  {
    check: "replicaof",
    what: /redis.conf has no replicaof line/,
    line: "replicaof 127.0.0.1 1",
    ...changed(redisConf, "sed -i /^replicaof/d $f"),
  },
  {
    check: "replicaof",
    what: /says replicaof 192.0.2.12 6379/,
    line: "replicaof 127.0.0.1 1",
    ...changed(redisConf, "echo replicaof 192.0.2.12 6379 >> $f"),
  },
  {
    check: "read-only",
    what: /server12 accepts writes while it is a replica/,
    line: "replica-read-only yes",
    ...setting("server12", "replica-read-only", "no", "yes"),
  },
  {
    check: "replica-priority",
    severity: "advice",
    what: /server12 has replica-priority 0/,
    line: "replica-priority 100",
    ...setting("server12", "replica-priority", "0", "100"),
  },
  {
    check: "announce-ip",
    what: /announces itself as 192.0.2.99, the cluster file says 192.0.2.11/,
    line: "replica-announce-ip 192.0.2.11",
    ...setting("server11", "replica-announce-ip", "192.0.2.99", ""),
  },
  {
    check: "backlog-size",
    severity: "advice",
    what: /the backlog of server11 holds 65536 bytes/,
    line: "repl-backlog-size 64mb",
    ...setting("server11", "repl-backlog-size", "65536", "64mb"),
  },
  {
    check: "backlog-ttl",
    what: /frees its backlog 3600 s/,
    line: "repl-backlog-ttl 0",
    ...setting("server11", "repl-backlog-ttl", "3600", "0"),
  },
  {
    check: "diskless-delay",
    severity: "advice",
    what: /server12 waits 5 s/,
    line: "repl-diskless-sync-delay 0",
    ...setting("server12", "repl-diskless-sync-delay", "5", "0"),
  },
  {
    check: "maxmemory",
    what: /maxmemory is 0 on server11 and 104857600 on server12/,
    line: "maxmemory 0",
    ...setting("server12", "maxmemory", "100mb", "0"),
  },
  {
    check: "keepalived-runs",
    what: /Keepalived does not run on server12/,
    line: "systemctl enable --now keepalived",
    plant: ({ server12 }) => server12.stopKeepalived(),
    repair: ({ server12 }) => server12.startKeepalived(),
  },
  {
    check: "agent-runs",
    what: /the agent on server12 does not run/,
    line: "systemctl restart keepalived-redis-agent",
    plant: ({ server12 }) => server12.stopAgent(),
    repair: ({ server12 }) => server12.startAgent(),
  },
  {
    check: "cluster-file",
    what: /the cluster file on server12 says something else than that on server11/,
    line: /^scp \/etc\/keepalived-redis\/cluster.toml server12:/,
    ...changed(clusterFile, "printf '[failover]\\nmax_missing_seconds = 3\\n' >> $f"),
  },
  {
    check: "keepalived-conf",
    what: /keepalived.conf, line \d+: "nopreemptive" instead of "nopreempt"/,
    line: `generate-config --profile agent --output ${keepalivedConf} && systemctl reload keepalived`,
    ...changed(keepalivedConf, "sed -i 's/^ *nopreempt$/    nopreemptive/' $f"),
  },
  {
    check: "scripts",
    what: /notify-stop is writable by users other than root/,
    line: "chmod go-w /opt/keepalived-redis/notify-stop",
    plant: ({ server11 }) => sh(server11, "chmod 777 /opt/keepalived-redis/notify-stop"),
    repair: ({ server11 }) => sh(server11, "chmod 755 /opt/keepalived-redis/notify-stop"),
  },
  {
    check: "scripts",
    what: /notify-stop is not executable/,
    line: "chmod 755 /opt/keepalived-redis/notify-stop",
    plant: ({ server11 }) => sh(server11, "chmod 644 /opt/keepalived-redis/notify-stop"),
    repair: ({ server11 }) => sh(server11, "chmod 755 /opt/keepalived-redis/notify-stop"),
  },
  {
    check: "state-folder",
    what: /no file of tmpfiles.d makes \/run\/keepalived-redis\/sessions/,
    line: `generate-config --tmpfiles --output ${tmpfiles}`,
    ...changed(tmpfiles, "rm $f"),
  },
  {
    check: "log-rotation",
    severity: "advice",
    what: /no file of \/etc\/logrotate.d names/,
    line: `generate-config --logrotate --output ${logrotate}`,
    ...changed(logrotate, "rm $f"),
  },
  {
    check: "networkd",
    what: /systemd-networkd manages eth0 by \/etc\/systemd\/network\/10-lan.network/,
    line: "KeepConfiguration=static",
    plant: ({ server11 }) =>
      sh(
        server11,
        `mkdir -p ${link} && echo NETWORK_FILE=/etc/systemd/network/10-lan.network > ${link}/$(awk '$2 == "eth0" { print $1 }' /proc/net/igmp)`,
      ),
    repair: ({ server11 }) => sh(server11, `rm -r ${link}`),
  },
  {
    check: "restarts",
    severity: "advice",
    what: /needrestart restarts Keepalived/,
    line: "$nrconf{override_rc}{qr(^keepalived)} = 0;",
    plant: ({ server11 }) => sh(server11, "mkdir -p /etc/needrestart && touch /etc/needrestart/needrestart.conf"),
    repair: ({ server11 }) => sh(server11, "rm -r /etc/needrestart"),
  },
];

async function doctor(server: Server, ...checks: string[]) {
  const { stdout, stderr, code } = await server.run(["doctor", "--json", ...checks]);
  assert.equal(stderr, "");
  return { ...(JSON.parse(stdout) as DoctorReport), code, stdout };
}

const right = ["repl-backlog-size 64mb", "repl-diskless-sync-delay 0"];

scenario(
  "nothing on a good pair, and each planted fault",
  { profile: "agent", cluster: { agent: { listen: "0.0.0.0:9121" } }, redis: { conf: right }, seconds: 85 },
  async (lab) => {
    const { server11, password = "?" } = lab;
    await sh(server11, `mkdir -p ${[tmpfiles, logrotate].map((file) => file.replace(/\/[^/]*$/, "")).join(" ")}`);
    for (const [option, file] of [
      ["--tmpfiles", tmpfiles],
      ["--logrotate", logrotate],
    ] as const)
      await server11.must(["/opt/keepalived-redis/generate-config", "--profile", "agent", option, "--output", file]);
    await lab.bringUp();

    const good = await server11.run(["doctor"]);
    assert.deepEqual([good.stdout, good.stderr, good.code], ["", "", 0]);
    const facts = await doctor(server11);
    assert.deepEqual([facts.findings, facts.not_known], [[], []]);

    const broken: string[] = [];
    for (const { check, severity = "danger", what, line, plant, repair } of faults) {
      await plant(lab);
      const { findings, code, stdout } = await doctor(server11, check);
      await repair(lab);
      const found = findings.find((one) => one.check === check && what.test(one.what));
      const exact = typeof line === "string" ? found?.change.line === line : line.test(found?.change.line ?? "");
      if (!found || !exact || found.severity !== severity || code !== (severity === "danger" ? 1 : 0))
        broken.push(`${check} ${what}: exit ${code}, ${JSON.stringify(findings)}`);
      assert.ok(!stdout.includes(password), check);
    }
    assert.deepEqual(broken, []);
    const after = await doctor(server11);
    assert.deepEqual(after.findings, []);
    rmSync(server11.at("/root/kept"), { force: true });
  },
);
