import assert from "node:assert/strict";
import { it } from "node:test";
import { checksTable, doctorReport } from "../../../../src/decide/doctor/report.ts";
import type { DoctorFacts } from "../../../../src/model/doctor.ts";
import { good, nodeOf, setting } from "./facts.ts";

const rejected = { value: { error: "WRONGPASS" } };

function info(facts: DoctorFacts, index: 0 | 1, changed: { version?: string; written_bytes_per_s?: number }): void {
  const { info } = nodeOf(facts, index);
  if ("value" in info) Object.assign(info.value, changed);
}

/** A change of a good pair, the check that finds it, and the line that it says. */
const rows: [check: string, severity: "danger" | "advice", line: RegExp, change: (facts: DoctorFacts) => void][] = [
  ["password", "danger", /^requirepass/, (facts) => Object.assign(nodeOf(facts, 1), { login: rejected })],
  [
    "masterauth",
    "danger",
    /^masterauth/,
    (facts) => Object.assign(nodeOf(facts, 1), { follows: [{ to: "server11", login: rejected }] }),
  ],
  ["bind", "danger", /^bind \* -::\*$/, (facts) => setting(facts, 0, "bind", "127.0.0.1 -::1")],
  [
    "protected-mode",
    "danger",
    /^requirepass/,
    (facts) => Object.assign(nodeOf(facts, 0), { login: { value: { error: "DENIED" } } }),
  ],
  [
    "commands",
    "danger",
    /\+client\|pause$/,
    (facts) =>
      Object.assign(nodeOf(facts, 0), { commands: { value: [{ command: "CLIENT PAUSE", problem: "denied" }] } }),
  ],
  [
    "commands",
    "danger",
    /rename-command CONFIG/,
    (facts) =>
      Object.assign(nodeOf(facts, 0), { commands: { value: [{ command: "CONFIG GET", problem: "missing" }] } }),
  ],
  [
    "acl-users",
    "danger",
    /^ACL SETUSER shop/,
    (facts) =>
      Object.assign(nodeOf(facts, 1), {
        users: {
          value: [
            { name: "default", hash: "1" },
            { name: "shop", hash: "2" },
          ],
        },
      }),
  ],
  [
    "acl-users",
    "danger",
    /^ACL SETUSER default/,
    (facts) => Object.assign(nodeOf(facts, 1), { users: { value: [{ name: "default", hash: "2" }] } }),
  ],
  [
    "replicaof",
    "danger",
    /^replicaof 127\.0\.0\.1 1$/,
    ({ host }) => {
      host.redisConf = { value: { file: "/etc/redis.conf", replicaof: undefined } };
    },
  ],
  ["read-only", "danger", /^replica-read-only yes$/, (facts) => setting(facts, 1, "replica-read-only", "no")],
  ["replica-priority", "advice", /^replica-priority 100$/, (facts) => setting(facts, 1, "replica-priority", "0")],
  [
    "announce-ip",
    "danger",
    /^replica-announce-ip 192\.0\.2\.12$/,
    (facts) => setting(facts, 1, "replica-announce-ip", "203.0.113.1"),
  ],
  ["backlog-size", "advice", /^repl-backlog-size 64mb$/, (facts) => setting(facts, 0, "repl-backlog-size", "1048576")],
  ["backlog-size", "danger", /^repl-backlog-size 573mb$/, (facts) => info(facts, 0, { written_bytes_per_s: 1e7 })],
  ["backlog-ttl", "danger", /^repl-backlog-ttl 0$/, (facts) => setting(facts, 0, "repl-backlog-ttl", "3600")],
  ["backlog-ttl", "advice", /^repl-backlog-ttl 0$/, (facts) => setting(facts, 1, "repl-backlog-ttl", "3600")],
  [
    "diskless-delay",
    "advice",
    /^repl-diskless-sync-delay 0$/,
    (facts) => setting(facts, 1, "repl-diskless-sync-delay", "5"),
  ],
  ["maxmemory", "danger", /^maxmemory 0$/, (facts) => setting(facts, 1, "maxmemory", "1000")],
  [
    "keepalived-runs",
    "danger",
    /^systemctl enable --now keepalived$/,
    (facts) => Object.assign(nodeOf(facts, 1), { keepalived: { value: false } }),
  ],
  [
    "agent-runs",
    "danger",
    /^systemctl restart keepalived-redis-agent$/,
    (facts) => Object.assign(nodeOf(facts, 1), { agent: { value: "hung" } }),
  ],
  ["cluster-file", "danger", /^scp /, (facts) => Object.assign(nodeOf(facts, 1), { clusterFile: { value: "def" } })],
  [
    "keepalived-conf",
    "danger",
    /^generate$/,
    ({ host: { keepalivedConf } }) =>
      "value" in keepalivedConf &&
      Object.assign(keepalivedConf.value, { difference: { line: 3, is: "a", wanted: "b" } }),
  ],
  [
    "scripts",
    "danger",
    /^chmod go-w \/opt\/x$/,
    ({ host }) => {
      host.scripts = { value: ["/opt/x is writable by users other than root"] };
    },
  ],
  [
    "state-folder",
    "danger",
    /^systemd-tmpfiles --create/,
    ({ host: { state } }) => Object.assign(state, { exists: false }),
  ],
  ["state-folder", "danger", /^rm .*notify\.fifo/, ({ host: { state } }) => Object.assign(state, { fifo: "no-fifo" })],
  [
    "state-folder",
    "danger",
    /^generate-config --profile agent --tmpfiles/,
    ({ host: { state } }) => Object.assign(state, { tmpfiles: false }),
  ],
  ["witnesses", "danger", /192\.0\.2\.1:53/, ({ witnesses }) => Object.assign(witnesses[0] ?? {}, { answers: false })],
  [
    "disk-space",
    "danger",
    /^df -h/,
    ({ host }) => {
      host.free = { value: { folder: "/var/lib", bytes: 1000 } };
    },
  ],
  [
    "log-rotation",
    "advice",
    /^generate-config --logrotate/,
    ({ host: { logrotate } }) => Object.assign(logrotate, { rotated: false }),
  ],
  ["redis-version", "danger", /redis-server/, (facts) => info(facts, 1, { version: "6.2.1" })],
  [
    "keepalived-version",
    "danger",
    /keepalived$/,
    ({ host }) => {
      host.keepalivedVersion = { value: "2.1.5" };
    },
  ],
  [
    "networkd",
    "danger",
    /^KeepConfiguration=static$/,
    ({ host: { networkd } }) => Object.assign(networkd, { file: "/etc/systemd/network/10-lan.network", keeps: false }),
  ],
  ["restarts", "advice", /override_rc/, ({ host: { restarts } }) => Object.assign(restarts, { needrestart: true })],
  [
    "restarts",
    "advice",
    /Package-Blacklist/,
    ({ host: { restarts } }) => Object.assign(restarts, { unattended: true }),
  ],
  [
    "clock",
    "advice",
    /^timedatectl/,
    (facts) => Object.assign(nodeOf(facts, 1), { clock: { value: { ahead_ms: -3000, within_ms: 2 } } }),
  ],
  ["lazy-free", "advice", /^replica-lazy-flush yes$/, (facts) => setting(facts, 1, "replica-lazy-flush", "no")],
  [
    "unit",
    "danger",
    /^generate-config --systemd .* && systemctl daemon-reload$/,
    ({ host }) => {
      host.unit = { value: { killMode: "control-group", handsOver: true } };
    },
  ],
  [
    "unit",
    "danger",
    /^generate-config --systemd/,
    ({ host }) => {
      host.unit = { value: { killMode: "process", handsOver: false } };
    },
  ],
  [
    "password-file",
    "advice",
    /^chmod 600 \/etc\/keepalived-redis\/password$/,
    ({ host }) => {
      host.passwordReadable = true;
    },
  ],
  [
    "prediction",
    "advice",
    /^vip\.advert_interval = 0\.2$/,
    ({ timing }) => {
      timing.advert_interval = 3;
    },
  ],
  [
    "prediction",
    "advice",
    /^monitor\.interval = 1/,
    ({ timing, host: { keepalivedConf } }) => {
      if ("value" in keepalivedConf) keepalivedConf.value.profile = "hooks";
      timing.monitor.interval = 10;
    },
  ],
  [
    "output-buffer",
    "danger",
    /^client-output-buffer-limit replica 1908mb 1908mb 0$/,
    (facts) => {
      setting(facts, 0, "client-output-buffer-limit", "normal 0 0 0 slave 80000000 0 0 pubsub 0 0 0");
      info(facts, 0, { written_bytes_per_s: 1e8 });
    },
  ],
];

it("finds nothing on a good pair", () => {
  const { findings, not_known } = doctorReport(good());
  assert.deepEqual([findings, not_known], [[], []]);
});

for (const [check, severity, line, change] of rows)
  it(`${check} finds what endangers it: ${line.source}`, () => {
    const facts = good();
    change(facts);
    const found = doctorReport(facts).findings.filter((one) => one.check === check);
    assert.ok(
      found.some((one) => one.severity === severity && line.test(one.change.line)),
      JSON.stringify(found),
    );
  });

it("every check is tried here", () => {
  const tried = new Set(rows.map(([check]) => check));
  assert.deepEqual(
    checksTable.map(({ name }) => name).filter((name) => !tried.has(name)),
    [],
  );
});

it("what is not known is no finding", () => {
  const facts = good();
  const none = { unknown: "no answer" };
  Object.assign(nodeOf(facts, 1), {
    ...{ login: none, settings: none, info: none, commands: none, users: none, clock: none },
    ...{ keepalived: none, agent: none, clusterFile: none, follows: [{ to: "server11", login: none }] },
  });
  Object.assign(facts.host, {
    redisConf: none,
    keepalivedConf: none,
    keepalivedVersion: none,
    scripts: none,
    unit: none,
    free: none,
  });
  const { findings, not_known } = doctorReport(facts);
  assert.deepEqual(findings, []);
  assert.ok(not_known.length >= 20, String(not_known.length));
});

it("dangers stand before advice", () => {
  const facts = good();
  setting(facts, 0, "replica-priority", "0");
  facts.host.scripts = { value: ["/opt/x is not executable"] };
  assert.deepEqual(
    doctorReport(facts).findings.map(({ severity }) => severity),
    ["danger", "advice"],
  );
});
