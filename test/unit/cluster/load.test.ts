import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { UsageError } from "../../../src/cluster/errors.ts";
import { loadCluster, parseCluster } from "../../../src/cluster/load.ts";
import { minimal, replaced, under } from "./cluster-files.ts";

const fileName = "/etc/keepalived-redis/cluster.toml";
const parse = (text: string) => parseCluster(text, fileName);

/** What a person is told about a file: the line, and the way out. */
function told(work: () => unknown): { message: string; remedy: string } {
  try {
    work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    for (const line of [error.message, error.remedy ?? "x"]) assert.doesNotMatch(line, /\n/, "more than one line");
    return { message: error.message, remedy: error.remedy ?? "" };
  }
  throw new assert.AssertionError({ message: "no error" });
}

describe("a cluster file", () => {
  it("needs little, and has a default for the rest", () => {
    const { vip, redis, nodes, monitor, failover, commands, paths } = parse(minimal);
    assert.deepEqual(vip, {
      address: "192.168.1.120/24",
      interface: "eth0",
      router_id: 51,
      advert_interval: 0.2,
      unicast: true,
    });
    assert.deepEqual(redis, {
      port: 6379,
      password_file: "/etc/keepalived-redis/password",
      persistence: "unmanaged",
    });
    assert.deepEqual(nodes[1], { name: "server12", address: "192.168.1.113" });
    assert.deepEqual(monitor, { interval: 1, timeout: 0.3, rise: 1, fall: 1 });
    assert.deepEqual(failover, {
      handover_timeout: 2,
      failback: "manual",
      witnesses: [],
      allow_data_loss: false,
      max_missing_seconds: 10,
      max_missing_bytes: 67_108_864,
      quarantine: "writes",
      diverged_writes: "keep",
      elastic_fence: false,
    });
    assert.deepEqual(commands.start_redis, ["systemctl", "start", "redis"]);
    assert.equal(paths.state, "/run/keepalived-redis");
  });

  it("may have fractions of a second between the checks, whose default time-out fits all the same", () => {
    for (const interval of [0.25, 0.257, 0.26, 0.5, 0.999, 1.1, 60])
      assert.deepEqual(parse(under("monitor", `interval = ${interval}`)).monitor, {
        interval,
        timeout: 0.3,
        rise: 1,
        fall: 1,
      });
    assert.equal(parse(under("monitor", "interval = 0.25\ntimeout = 0.2")).monitor.timeout, 0.2);
    // Twice 0.26 is a fraction as well, and twice 0.5 is not.
    assert.equal(parse(under("monitor", "interval = 0.26\ntimeout = 0.633")).monitor.timeout, 0.633);
    assert.equal(parse(under("monitor", "interval = 1.5\ntimeout = 0.633")).monitor.timeout, 0.633);
  });

  it("with a VRRP password has whole seconds by default", () => {
    assert.equal(parse(under("vip", 'auth_password = "1fish2fi"')).vip.advert_interval, 1);
    assert.equal(parse(under("vip", 'auth_password = "x"\nadvert_interval = 3')).vip.advert_interval, 3);
  });

  it("has IPv6 addresses as the kernel writes them, however they are written", () => {
    const six = replaced("192.168.1.", "2001:DB8:0:0::0", minimal);
    const { vip, nodes } = parse(six);
    assert.equal(vip.address, "2001:db8::120/24");
    assert.deepEqual(
      nodes.map(({ address }) => address),
      ["2001:db8::112", "2001:db8::113"],
    );
  });
});

/** [what, file, the one line, the way out] */
const mistakes: [string, string, RegExp, RegExp?][] = [
  [
    "no TOML",
    replaced('"192.168.1.112"', "192.168.1.112"),
    /cluster\.toml:13:\d+: illegal character in numeric literal$/,
    /line reads: address = 192\.168\.1\.112 \(texts stand in "quotes"\)/,
  ],
  ["a key twice", under("vip", "router_id = 52"), /cluster\.toml:\d+:\d+: trying to redefine/],
  ["nothing in it", "", /: name is missing$/],
  ["no table", replaced("[vip]", "[redis.tls]"), /unknown key `redis\.tls\.address`|vip is missing/],
  ["a value in place of a table", `monitor = 3\n${minimal}`, /: monitor = 3 must be a table of keys$/],
  [
    "a list in place of a table",
    replaced("[vip]", "[[vip]]"),
    /: vip = \[\.\.\.\] must be a table of keys, in single brackets$/,
  ],
  ["a missing key", replaced("router_id = 51", ""), /: vip\.router_id is missing$/, /docs\/cluster-file\.md/],
  [
    "a misspelt key",
    replaced("router_id", "router_idd"),
    /: unknown key `vip\.router_idd`; did you mean `router_id`\?$/,
  ],
  [
    "a misspelt key of a node",
    replaced('"192.168.1.113"', '"192.168.1.113"\nprioirty = 3'),
    /`nodes\[1\]\.prioirty`; did you mean `priority`\?/,
  ],
  [
    "half a key",
    under("redis", 'password = "hunter2"'),
    /unknown key `redis\.password`; did you mean `password_file`\?$/,
  ],
  ["a misspelt table", replaced("[redis]", "[reddis]"), /unknown key `reddis`; did you mean `redis`\?$/],
  [
    "a key in the wrong table",
    `${minimal}failback = "manual"\n`,
    /unknown key `nodes\[1\]\.failback`; it belongs under \[failover\]$/,
  ],
  [
    "a key of the top further down",
    `${minimal.replace(/^name.*\n/, "")}[paths]\nname = "x"\n`,
    /unknown key `paths\.name`; it belongs at the top/,
  ],
  [
    "a key that nobody knows",
    under("vip", "frobnicate = 1"),
    /unknown key `vip\.frobnicate`; known here: address, interface, .*auth_password$/,
  ],
  ["a text for a number", under("redis", 'port = "6379"'), /: redis\.port = "6379" must be a whole number$/],
  ["a port too high", under("redis", "port = 70000"), /: redis\.port = 70000 must be at most 65535$/],
  ["no boolean", under("vip", 'unicast = "yes"'), /vip\.unicast = "yes" must be true or false$/],
  [
    "no address",
    replaced("192.168.1.112", "server11.example.com"),
    /nodes\[0\]\.address = "server11\.example\.com" must be an IP address such as/,
  ],
  [
    "an address with a zone",
    replaced("192.168.1.112", "fe80::1%eth0"),
    /nodes\[0\]\.address = "fe80::1%eth0" must be an IP address/,
  ],
  [
    "a virtual IP without its network",
    replaced("120/24", "120"),
    /vip\.address = "192\.168\.1\.120" must be an IP address with its prefix length/,
  ],
  ["a prefix too long", replaced("120/24", "120/33"), /prefix length/],
  ["a router id of another protocol", replaced("51", "256"), /vip\.router_id = 256 must be at most 255$/],
  [
    "an interface name that Linux can't have",
    replaced('"eth0"', '"a-long-interface"'),
    /vip\.interface = "a-long-interface" must be the name of a network interface/,
  ],
  ["a name that is no folder", replaced('"sessions"', '"my sessions"'), /: name = "my sessions" must be letters/],
  ["a name that leads elsewhere", replaced('"sessions"', '".."'), /: name = "\.\." must be letters/],
  ["a newline in a text", replaced('"eth0"', '"eth0\\n}"'), /vip\.interface = "eth0\\n}" must be one line/],
  ["a relative path", under("paths", 'state = "run"'), /paths\.state = "run" must be an absolute path/],
  [
    "a path with a comment in it",
    under("paths", 'state = "/run/a#b"'),
    /paths\.state = "\/run\/a#b" must be an absolute path of letters/,
  ],
  ["one node", minimal.slice(0, minimal.lastIndexOf("[[nodes]]")), /nodes = \[\.\.\.\] must name at least two nodes$/],
  [
    "a witness without a port",
    under("failover", 'witnesses = ["10.0.0.1"]'),
    /failover\.witnesses\[0\] = "10\.0\.0\.1" must be "host:port"$/,
  ],
  [
    "a command as one text",
    under("commands", 'start_redis = "systemctl start redis"'),
    /commands\.start_redis = "systemctl start redis" must be a list of texts/,
  ],
  [
    "checks that would take a third of a processor",
    under("monitor", "interval = 0.2"),
    /monitor\.interval = 0\.2 must be at least 0\.25 \(seconds\)$/,
  ],
  [
    "an interval between thousandths",
    under("monitor", "interval = 0.2505"),
    /monitor\.interval = 0\.2505: Keepalived counts thousandths of a second/,
    /round it to 0\.001$/,
  ],
  ["a name twice", replaced("server12", "server11"), /: nodes: the name "server11" is there twice$/],
  ["an address twice", replaced("192.168.1.113", "192.168.1.112"), /the address "192\.168\.1\.112" is there twice$/],
  [
    "an address twice, written differently",
    replaced("192.168.1.", "2001:db8::", replaced("192.168.1.113", "2001:DB8:0::0112")),
    /the address "2001:db8::112" is there twice/,
  ],
  [
    "a priority that is the other one's default",
    `${minimal}priority = 254\n`,
    /the priority 254 is there twice \(server11 254, server12 254\)$/,
  ],
  [
    "a priority with no room for claims",
    `${minimal}priority = 100\n`,
    /nodes\[1\]\.priority = 100 must be at least 101$/,
  ],
  ["priorities far apart", `${minimal}priority = 200\n`, /are more than 15 apart \(server11 254, server12 200\)/],
  [
    "the virtual IP on a host",
    replaced("1.120/24", "1.112/24"),
    /vip\.address = "192\.168\.1\.112\/24" is the address of the node server11$/,
  ],
  [
    "two families",
    replaced("192.168.1.120/24", "2001:db8::120/64"),
    /is IPv6, and the node server11 has the IPv4 address 192\.168\.1\.112$/,
    /one family/,
  ],
  [
    "an advert between hundredths",
    under("vip", "advert_interval = 0.205"),
    /advert_interval = 0\.205: VRRPv3 counts hundredths/,
  ],
  [
    "a VRRP password with fractions",
    under("vip", 'auth_password = "x"\nadvert_interval = 1.5'),
    /advert_interval = 1\.5: with vip\.auth_password it is VRRPv2/,
  ],
  [
    "a VRRP password with a fast advert",
    under("vip", 'auth_password = "x"\nadvert_interval = 0.2'),
    /advert_interval = 0\.2: with vip\.auth_password/,
    /leave vip\.auth_password out/,
  ],
  [
    "a VRRP password too long",
    under("vip", 'auth_password = "123456789"'),
    /auth_password is longer than 8 characters/,
  ],
  [
    "a VRRP password with a comment in it",
    under("vip", 'auth_password = "a#hunter2"'),
    /vip\.auth_password = \*\*\* must be letters/,
  ],
  [
    "a VRRP password over IPv6",
    replaced("192.168.1.", "2001:db8::", under("vip", 'auth_password = "x"')),
    /auth_password with an IPv6 virtual IP/,
  ],
  [
    "a time-out that a healthy Redis on a busy host misses",
    under("monitor", "interval = 0.26\ntimeout = 0.199"),
    /monitor\.timeout = 0\.199 is too short for a busy host, .* longer than 0\.1 s$/,
    /set 0\.2 at least/,
  ],
  [
    "a monitor slower than its interval",
    under("monitor", "timeout = 0.4"),
    /monitor\.timeout = 0\.4 is too long for monitor\.interval = 1$/,
    /Keepalived ends a check after 1 s, .* 0\.3 at most$/,
  ],
  [
    "a monitor slower than the time-out of a check of the profile agent, where that is the shorter one",
    under("monitor", "interval = 0.5\ntimeout = 0.31"),
    /monitor\.timeout = 0\.31 is too long for monitor\.interval = 0\.5$/,
    /ends a check after 1 s, .* 0\.3 at most$/,
  ],
  [
    "a monitor slower than the time-out of a check that is as long as its interval, rounded up",
    under("monitor", "interval = 1.5\ntimeout = 0.64"),
    /monitor\.timeout = 0\.64 is too long for monitor\.interval = 1\.5$/,
    /ends a check after 2 s, .* 0\.633 at most$/,
  ],
];

describe("a mistake in a cluster file is one line with file, place, value and way out", () => {
  for (const [what, file, line, way] of mistakes) {
    it(what, () => {
      const { message, remedy } = told(() => parse(file));
      assert.ok(message.startsWith(fileName), message);
      assert.match(message, line);
      assert.match(remedy, way ?? /./);
    });
  }

  it("shows no password, wherever it stands and whatever is wrong", () => {
    const secret = "hunter2";
    const files = [
      under("vip", `auth_password = "${secret} ${secret}"`),
      under("vip", `auth_password = ["${secret}"]`),
      under("vip", `auth_password = { a = "${secret}" }`),
      under("vip", `auth_password = "${secret}`),
      under("vip", `auth_password = ${secret}`),
      under("vip", `auth_password = """\n${secret}`),
      under("vip", `auth_password = """\n${secret}\\q"""`),
      under("vip", `auth_password = "${secret}" x`),
      under("vip", `auth_passwrd = "${secret}"`),
      under("redis", `port = { password = "${secret}" }`),
      under("redis", `password = "${secret}"`),
      under("redis", `requirepass = "${secret}`),
      under("vip", `auth_password = "${secret}"`, replaced("[vip]", "[[vip]]")),
      `vip = [{ auth_password = "${secret}" }]\n`,
      `vip = { address = "x", auth_password = "${secret}" y }\n`,
    ];
    for (const file of files) {
      const { message, remedy } = told(() => parse(file));
      assert.doesNotMatch(`${message}\n${remedy}`, new RegExp(secret), file);
    }
  });

  it("is all that any text can cause", () => {
    const words = fc.constantFrom(
      ...minimal.split(/(\s+)/),
      "[",
      "]",
      "=",
      '"',
      "#",
      "\n",
      "nodes",
      "1",
      "0.5",
      "nan",
      "inf",
    );
    const mangled = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(words).map((some) => some.join("")),
      fc
        .tuple(fc.nat(minimal.length), fc.nat(30), fc.string())
        .map(([at, length, text]) => minimal.slice(0, at) + text + minimal.slice(at + length)),
    );
    fc.assert(
      fc.property(mangled, (text) => {
        try {
          parse(text);
        } catch (error) {
          assert.ok(error instanceof UsageError, String(error));
          assert.doesNotMatch(error.message, /undefined|\[object/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a cluster file that can't be read", () => {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-cluster-"));
  after(() => rmSync(folder, { recursive: true }));

  it("is said to be missing, a folder, or what the system says", () => {
    mkdirSync(join(folder, "folder"));
    writeFileSync(join(folder, "file"), minimal);
    for (const [name, line] of [
      ["nowhere.toml", /nowhere\.toml: no such cluster file$/],
      ["file/below", /no such cluster file$/],
      ["folder", /folder: this is a folder, not a cluster file$/],
      ["x".repeat(300), /can't read the cluster file \(ENAMETOOLONG\)$/],
    ] as const) {
      const { message, remedy } = told(() => loadCluster(join(folder, name)));
      assert.match(message, line);
      assert.match(remedy, /--cluster FILE/);
    }
    assert.equal(loadCluster(join(folder, "file")).text, minimal);
  });
});
