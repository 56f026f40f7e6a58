import assert from "node:assert/strict";
import { it } from "node:test";
import { checksTable, doctorReport } from "../../../../src/decide/doctor/report.ts";
import type { DoctorFacts } from "../../../../src/model/doctor.ts";
import { good, info, nodeOf, none, setting } from "./facts.ts";

const rejected = { value: { error: "WRONGPASS" } };

/** A change of a good pair, the check that finds it, and the line that it says. */
const fraction = (
  { host, timing }: DoctorFacts,
  version: string,
  interval: number,
  profile: "hooks" | "agent",
): void => {
  host.keepalivedVersion = { value: version };
  timing.monitor.interval = interval;
  if ("value" in host.keepalivedConf) host.keepalivedConf.value.profile = profile;
};

const rows: [check: string, severity: "danger" | "advice", line: RegExp, change: (facts: DoctorFacts) => void][] = [
  ["password", "danger", /^requirepass/, (facts) => Object.assign(nodeOf(facts, 1), { login: rejected })],
  [
    "masterauth",
    "danger",
    /^masterauth/,
    (facts) => Object.assign(nodeOf(facts, 1), { follows: [{ to: "server11", login: rejected }] }),
  ],
  [
    "redis-runs",
    "danger",
    /^recover-master$/,
    (facts) => Object.assign(nodeOf(facts, 1), { login: { unknown: "the Redis of server12 does not answer" } }),
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
    (facts) => Object.assign(nodeOf(facts, 1), { keepalived: { value: "not" } }),
  ],
  [
    "keepalived-runs",
    "danger",
    /^systemctl restart keepalived$/,
    (facts) => Object.assign(nodeOf(facts, 0), { keepalived: { value: "hangs" } }),
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
    "keepalived-read",
    "advice",
    /^systemctl reload keepalived$/,
    ({ host }) => {
      host.configurationRead = { value: { file: "/etc/k.conf", written_later_s: 7, refused: "/run/log" } };
    },
  ],
  [
    "keepalived-read",
    "danger",
    /^cat \/run\/log$/,
    ({ host }) => {
      host.configurationRead = { value: { file: "/etc/k.conf", written_later_s: undefined, refused: "/run/log" } };
    },
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
  ["keepalived-version", "danger", /^monitor\.interval = 1$/, (facts) => fraction(facts, "2.3.1", 0.5, "hooks")],
  ["keepalived-version", "advice", /^monitor\.interval = 1$/, (facts) => fraction(facts, "2.3.2", 0.5, "hooks")],
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
  ["known-bugs", "danger", /redis-server$/, (facts) => info(facts, 1, { version: "7.0.0" })],
  [
    "known-bugs",
    "danger",
    /keepalived-redis$/,
    ({ host }) => {
      host.nodeVersion = "20.9.0";
    },
  ],
  [
    "networkmanager",
    "advice",
    /^switchover --away$/,
    ({ host }) => {
      host.networkManager = { value: { manages: true } };
    },
  ],
  [
    "selinux",
    "danger",
    /^ausearch -m avc/,
    ({ host }) => {
      host.selinux = { value: { denials: 2, last: "execute to sh" } };
    },
  ],
  [
    "router-id",
    "danger",
    /^router_id = 1$/,
    ({ network }) => {
      network.adverts = { value: [{ from: "192.0.2.50", router_id: 51 }] };
    },
  ],
  ["vrrp", "danger", /^nft insert rule/, (facts) => asReplica(facts, [])],
  ["vrrp", "danger", /^nft insert rule/, (facts) => Object.assign(nodeOf(facts, 1), { holder: { value: true } })],
  [
    "vrrp",
    "danger",
    /^nft insert rule/,
    ({ network }) => {
      network.firewall = { value: { dropsVrrp: true } };
    },
  ],
  [
    "arp",
    "danger",
    /^ip neigh show \| grep -i 02:00:00:00:00:99$/,
    ({ network }) => {
      network.answers = { value: [{ mac: "02:00:00:00:00:99", node: undefined }] };
    },
  ],
  [
    "arp",
    "danger",
    /^ip neigh show/,
    ({ network }) => {
      const answers = ["server12", "server13"].map((node) => ({ mac: "02:00:00:00:00:0c", node }));
      network.answers = { value: answers };
    },
  ],
];

/** server11 is not the holder, and hears these adverts. */
function asReplica(facts: DoctorFacts, adverts: { from: string; router_id: number }[]): void {
  nodeOf(facts, 0).holder = { value: false };
  nodeOf(facts, 1).holder = { value: true };
  facts.network.adverts = { value: adverts };
  facts.network.answers = { value: [{ mac: "02:00:00:00:00:0c", node: "server12" }] };
}

it("finds nothing on a good pair", () => {
  const { findings, not_known } = doctorReport(good());
  assert.deepEqual(findings, []);
  // Nobody but the holder sends adverts.
  assert.deepEqual(
    not_known.map(({ check, on }) => [check, on]),
    [["vrrp", "server11"]],
  );
  const other = good();
  asReplica(other, [{ from: "192.0.2.12", router_id: 51 }]);
  assert.deepEqual([doctorReport(other).findings, doctorReport(other).not_known], [[], []]);
});

it("hears other routers, and IPv6 routers whose address tells nothing, without a finding", () => {
  const facts = good();
  const adverts = [
    { from: "192.0.2.12", router_id: 51 },
    { from: "192.0.2.60", router_id: 7 },
    { from: "fe80::1", router_id: 51 },
  ];
  asReplica(facts, adverts);
  assert.deepEqual(doctorReport(facts).findings, []);
  facts.network.adverts = { value: [...adverts, { from: "192.0.2.60", router_id: 51 }, { from: "x", router_id: 1 }] };
  const lines = doctorReport(facts).findings.map(({ change }) => change.line);
  assert.deepEqual(lines, ["router_id = 2"]);
});

it("does not say that no advert was heard where nobody is known to send any", () => {
  const facts = good();
  for (const index of [0, 1] as const) nodeOf(facts, index).holder = { unknown: "its agent does not listen" };
  assert.deepEqual(doctorReport(facts).findings, []);
  nodeOf(facts, 1).holder = { value: true };
  facts.network.adverts = { unknown: "tcpdump: tcpdump is not installed" };
  const { findings, not_known } = doctorReport(facts);
  assert.deepEqual(findings, []);
  assert.deepEqual(not_known.map(({ check }) => check).sort(), ["router-id", "vrrp"]);
});

it("knows which Keepalived takes the interval that its profile makes of the cluster file's", () => {
  const found = (version: string, interval: number, profile: "hooks" | "agent") => {
    const facts = good();
    fraction(facts, version, interval, profile);
    const { findings } = doctorReport(facts);
    return findings.filter(({ check }) => check === "keepalived-version").map(({ severity }) => severity);
  };
  assert.deepEqual(found("2.2.7", 1, "hooks"), []);
  assert.deepEqual(found("2.2.7", 1.5, "hooks"), ["danger"]);
  // Twice half a second is a whole one.
  assert.deepEqual(found("2.2.7", 0.5, "agent"), []);
  assert.deepEqual(found("2.3.1", 0.26, "agent"), ["danger"]);
  assert.deepEqual(found("2.3.2", 0.26, "agent"), ["advice"]);
  for (const version of ["2.3.3", "2.3.4", "2.4.0", "3.0"])
    assert.deepEqual(found(version, 0.26, "hooks"), [], version);
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
  Object.assign(nodeOf(facts, 1), {
    ...{ login: none, settings: none, info: none, commands: none, users: none, clock: none },
    ...{ holder: none, keepalived: none, agent: none, clusterFile: none, follows: [{ to: "server11", login: none }] },
  });
  Object.assign(facts.host, {
    redisConf: none,
    keepalivedConf: none,
    keepalivedVersion: none,
    configurationRead: none,
    scripts: none,
    unit: none,
    free: none,
    networkManager: none,
    selinux: none,
  });
  Object.assign(facts.network, { adverts: none, firewall: none, answers: none });
  const { findings, not_known } = doctorReport(facts);
  // A peer of which nothing is known is not taken for a good one.
  assert.deepEqual(
    findings.map(({ check, on }) => [check, on]),
    [["redis-runs", "server12"]],
  );
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
