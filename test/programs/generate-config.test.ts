import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../../scripts/build.ts";
import { minimal, replaced, under } from "../unit/cluster/cluster-files.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-generate-"));
const bin = join(folder, "bin");
const work = join(folder, "work");
const program = join(bin, "generate-config");
const siblings = ["monitor", "check-health", "notify-master", "notify-backup", "notify-fault", "notify-stop"];

const passwordFile = join(folder, "password");

/** An address and an interface that every host has, so that the node is this host. */
const onThisHost = replaced(
  "192.168.1.112",
  "127.0.0.1",
  replaced("eth0", "lo", replaced("/etc/keepalived-redis/password", passwordFile)),
);
const elsewhere = ["--node", "server11", "--bin-dir", "/nowhere/bin"];

before(async () => {
  writeFileSync(passwordFile, "hunter2\n", { mode: 0o600 });
  await bundle(fileURLToPath(new URL("../../bin/generate-config.ts", import.meta.url)), program);
});
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  for (const name of siblings) writeFileSync(join(bin, name), "#!/bin/sh\n", { mode: 0o755 });
});

function run(text: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(work, "cluster.toml"), text);
  const { status, stdout, stderr } = spawnSync(program, ["--cluster", "cluster.toml", ...args], {
    cwd: work,
    encoding: "utf8",
    timeout: 10_000,
    env: { PATH: process.env.PATH, ...env },
  });
  return { status, stdout, stderr };
}

const refused = ({ status, stdout, stderr }: ReturnType<typeof run>, code: number, line: RegExp) => {
  assert.equal(status, code, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, line);
  assert.ok(stderr.trim().split("\n").length <= 2, stderr);
};

describe("generate-config", () => {
  it("prints keepalived.conf of a node, also for another host, and names the executables and the cluster file", () => {
    const { status, stdout, stderr } = run(minimal, elsewhere);
    assert.equal(status, 0, stderr);
    const command = `"/usr/bin/env /nowhere/bin/notify-fault --cluster ${join(work, "cluster.toml")}"`;
    assert.ok(stdout.includes(`    notify_fault ${command}\n`), stdout);
    assert.match(stderr, /^generate-config: there is no \/nowhere\/bin on this host, so nobody looked at .*\n$/);
    assert.equal(run(minimal, elsewhere).stdout, stdout);
  });

  it("leaves the cluster file out where it is the default one", () => {
    const golden = readFileSync(new URL("../unit/keepalived/golden/redis.conf", import.meta.url), "utf8");
    assert.equal(run(minimal, ["--node", "server11", "--redis"]).stdout, golden);
    const named = run(minimal, elsewhere, { KEEPALIVED_REDIS_CLUSTER: "/etc/keepalived-redis/cluster.toml" });
    assert.match(named.stdout, /--cluster/, "an option says more than the environment");
  });

  it("prints the other files", () => {
    for (const [option, line] of [
      ["--redis", /^replicaof /m],
      ["--tmpfiles", /^d \/run\/keepalived-redis\/sessions /m],
      ["--sysusers", /^u keepalived-redis - /m],
      ["--systemd", /^ExecStop=-\/nowhere\/bin\/switchover .*cluster\.toml$/m],
      ["--logrotate", /^\/var\/log\/keepalived-redis\/sessions\.log \{$/m],
    ] as const) {
      const { status, stdout, stderr } = run(minimal, [...elsewhere, option]);
      assert.equal(status, 0, stderr);
      assert.match(stdout, line);
    }
  });

  it("prints the ACL user with a hash of its password, and writes it for its owner only", () => {
    const text = (file: string) =>
      replaced("/etc/keepalived-redis/password", file, under("redis", 'username = "ours"'));
    const password = join(work, "password");
    writeFileSync(password, "hunter2\n", { mode: 0o600 });
    const output = join(work, "acl.conf");
    const { status, stdout, stderr } = run(text(password), [...elsewhere, "--acl", "--output", output]);
    assert.deepEqual([status, stdout, stderr], [0, "", ""]);
    assert.equal(statSync(output).mode & 0o777, 0o600);
    const printed = readFileSync(output, "utf8");
    // sha256 of hunter2
    assert.match(printed, /^user ours reset on #f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7 /m);
    assert.doesNotMatch(printed, /hunter2/);
    refused(run(minimal, [...elsewhere, "--acl"]), 2, /can't read redis\.password_file/);
    refused(
      run(replaced("/etc/keepalived-redis/password", password), [...elsewhere, "--acl"]),
      1,
      /no user of Redis\n {2}set username/,
    );
  });

  it("prints sentinel.conf without the password of Redis, and writes it with it, for its owner only", () => {
    const password = join(work, "password");
    writeFileSync(password, "hunter2\n", { mode: 0o600 });
    const text = replaced("/etc/keepalived-redis/password", password);
    const args = ["--node", "server12", "--sentinel"];
    const printed = run(text, args);
    assert.equal(printed.status, 0, printed.stderr);
    assert.match(printed.stdout, /^sentinel monitor sessions 192\.168\.1\.113 6379 2$/m);
    assert.match(printed.stdout, /^# {3}sentinel auth-pass sessions THE-PASSWORD$/m);
    assert.doesNotMatch(printed.stdout, /hunter2/);
    const output = join(work, "sentinel.conf");
    assert.deepEqual(run(text, [...args, "--output", output]), { status: 0, stdout: "", stderr: "" });
    assert.equal(statSync(output).mode & 0o777, 0o600);
    assert.match(readFileSync(output, "utf8"), /^sentinel auth-pass sessions hunter2$/m);
    writeFileSync(password, 'with "quotes"\n');
    refused(run(text, [...args, "--output", output]), 1, /can't keep a password with spaces or quotes\n {2}give Redis/);
    refused(
      run(`${text}[redis.tls]\nca = "/ca.pem"\n`, args),
      1,
      /speaks TLS only with a certificate .*\n {2}set cert/,
    );
  });

  it("is told in one line what it can't do", () => {
    refused(run(minimal, []), 2, /is none of the nodes \(server11 192\.168\.1\.112, .*\n {2}.*--node NAME/);
    refused(run(minimal, ["--node", "server13"]), 2, /no node "server13"/);
    refused(run("vip = 3", elsewhere), 2, /cluster\.toml: name is missing/);
    refused(run(minimal, [...elsewhere, "--profile", "hook"]), 2, /--profile/);
    refused(run(minimal, ["--redis", "--systemd"]), 2, /redis.*systemd/);
    refused(run(minimal, ["--node", "server11", "--bin-dir", "/opt/a b"]), 1, /the path "\/opt\/a b" can.t be written/);
    refused(run(minimal, ["--node", "server11", "--bin-dir", "/opt/a=b"]), 1, /the path "\/opt\/a=b" can.t be written/);
    refused(run(replaced('"lo"', '"nope0"', onThisHost), []), 1, /has no network interface nope0; it has .*lo/);
    refused(run(onThisHost, ["--bin-dir", "/nowhere/bin"]), 1, /\/nowhere does not exist/);
  });

  const fakes = join(work, "fakes");
  /** With a Keepalived that says `says`, or none. */
  const withKeepalived = (says: string | undefined, text: string, args: string[] = []) => {
    mkdirSync(fakes, { recursive: true });
    symlinkSync(process.execPath, join(fakes, "node"));
    // As Keepalived does, on standard error.
    const script = `#!/bin/sh\n[ "$*" = --version ] && echo '${says}' >&2\n`;
    if (says !== undefined) writeFileSync(join(fakes, "keepalived"), script, { mode: 0o755 });
    const outcome = run(text, args, { PATH: fakes });
    rmSync(fakes, { recursive: true });
    return outcome;
  };

  it("refuses a Keepalived of this host that is older than 2.2, and no other", () => {
    for (const version of ["1.3.5", "2.0.20", "2.1.5"])
      for (const text of [onThisHost, under("monitor", "interval = 0.5", onThisHost)])
        refused(
          withKeepalived(`Keepalived v${version} (07/13,2020)`, text),
          1,
          new RegExp(`Keepalived ${version} of .* no reload_check_config: .*\n {2}install Keepalived 2\\.2 or newer`),
        );
    for (const says of ["Keepalived v2.2.0 (01/09,2021)", "Keepalived v2.2.7 (01/16,2022)", "Keepalived", undefined])
      assert.deepEqual([says, withKeepalived(says, onThisHost).status], [says, 0]);
    const old = "Keepalived v2.1.5 (07/13,2020)";
    assert.equal(withKeepalived(old, onThisHost, ["--tmpfiles"]).status, 0);
    assert.equal(withKeepalived(old, minimal, elsewhere).status, 0, "another host may have another one");
  });

  describe("with a fraction of a second between the checks", () => {
    const half = under("monitor", "interval = 0.5", onThisHost);

    it("refuses it where this host's Keepalived is older than 2.3.2", () => {
      for (const version of ["2.2.7", "2.2.8", "2.3.0", "2.3.1"])
        refused(
          withKeepalived(`Keepalived v${version} (01/16,2022)`, half),
          1,
          new RegExp(
            `Keepalived ${version} of this host counts whole .* every 0\\.5 s .*\\n {2}install Keepalived 2\\.3\\.2 or newer`,
          ),
        );
    });

    it("writes it where it is newer", () => {
      for (const version of ["2.3.2", "2.3.3", "2.3.4", "2.4.3", "3.0.0"]) {
        const { status, stdout, stderr } = withKeepalived(`Keepalived v${version} (03/30,2025)`, half);
        assert.deepEqual([status, stderr], [0, ""], version);
        assert.match(stdout, /^ {4}interval 0\.5\n {4}timeout 2\n/m);
      }
    });

    it("refuses it where there is no Keepalived, or one that doesn't tell its version, and says how to go on", () => {
      const way = "\\n {2}install Keepalived 2\\.3\\.2 or newer on this host first, or set monitor\\.interval = 1 ";
      refused(
        withKeepalived(undefined, half),
        1,
        new RegExp(`can't tell .* every 0\\.5 s .*no such program here${way}`),
      );
      refused(withKeepalived("Keepalived", half), 1, new RegExp(`can't tell .* it does not tell${way}`));
    });

    it("goes by the interval of the profile, which is twice as long with an agent", () => {
      const agent = ["--profile", "agent"];
      assert.match(withKeepalived("Keepalived v2.2.7", half, agent).stdout, /^ {4}interval 1\n {4}timeout 1\n/m);
      const quarter = half.replace("0.5", "0.25");
      refused(
        withKeepalived("Keepalived v2.2.7", quarter, agent),
        1,
        /every 0\.5 s \(monitor\.interval = 0\.25, profile agent\)/,
      );
      assert.equal(withKeepalived("Keepalived v2.3.3", quarter, agent).status, 0);
    });

    it("does not ask for another file", () => {
      for (const other of ["--redis", "--tmpfiles", "--systemd", "--logrotate"])
        assert.equal(withKeepalived(undefined, half, [other]).status, 0, other);
    });

    it("says that nobody looked where it is for another host", () => {
      const { status, stderr } = withKeepalived(undefined, half.replace("127.0.0.1", "192.168.1.112"), elsewhere);
      assert.equal(status, 0, stderr);
      assert.match(
        stderr,
        /^generate-config: nobody looked at the Keepalived of server11: .* needs 2\.3\.2 or newer$/m,
      );
    });
  });

  it("refuses executables that somebody else than root could replace, that can't run, or that are missing", () => {
    const refusals: [() => unknown, RegExp][] = [
      [() => chmodSync(bin, 0o777), /bin is writable by users other than root|does not belong to root/],
      // Without root's rights it is somebody else's already.
      [() => process.getuid?.() === 0 && chownSync(bin, 12345, 0), /does not belong to root/],
      [() => chmodSync(join(bin, "monitor"), 0o757), /monitor is writable by users other|does not belong to root/],
      [() => chmodSync(join(bin, "monitor"), 0o644), /monitor is not executable|does not belong to root/],
      [() => rmSync(join(bin, "notify-stop")), /notify-stop does not exist|does not belong to root/],
    ];
    for (const [harm, line] of refusals) {
      for (const name of siblings) writeFileSync(join(bin, name), "#!/bin/sh\n", { mode: 0o755 });
      for (const name of siblings) chmodSync(join(bin, name), 0o755);
      chmodSync(bin, 0o755);
      if (process.getuid?.() === 0) chownSync(bin, 0, 0);
      harm();
      refused(run(minimal, ["--node", "server11"]), 1, line);
    }
  });
});

describe("generate-config --output", () => {
  const output = join(work, "keepalived.conf");
  const write = (text: string, to = output) => run(text, [...elsewhere, "--output", to]);

  it("writes what it would have printed, with sane modes whatever umask", () => {
    const { stdout } = run(minimal, elsewhere);
    const before = process.umask(0o177);
    const { status, stdout: nothing } = write(minimal);
    process.umask(before);
    assert.equal(status, 0);
    assert.equal(nothing, "");
    assert.equal(readFileSync(output, "utf8"), stdout);
    assert.equal(statSync(output).mode & 0o777, 0o644);
  });

  it("keeps a VRRP password to root", () => {
    write(under("vip", 'auth_password = "1fish2fi"'));
    assert.match(readFileSync(output, "utf8"), /auth_pass 1fish2fi/);
    assert.equal(statSync(output).mode & 0o777, 0o600);
  });

  it("replaces the file in one go, and where a link leads", () => {
    writeFileSync(output, "old");
    const { ino } = statSync(output);
    symlinkSync(output, join(work, "link"));
    assert.equal(write(minimal, join(work, "link")).status, 0);
    assert.equal(readlinkSync(join(work, "link")), output);
    assert.notEqual(statSync(output).ino, ino);
    assert.deepEqual(readdirSync(work).sort(), ["cluster.toml", "keepalived.conf", "link"]);
  });

  it("leaves what is there where it can't, or must not", () => {
    writeFileSync(output, "old");
    refused(run(replaced("51", "0"), [...elsewhere, "--output", output]), 2, /router_id/);
    assert.equal(readFileSync(output, "utf8"), "old");
    const cant = write(minimal, join(work, "no-such-folder", "keepalived.conf"));
    assert.equal(cant.status, 1);
    assert.match(cant.stderr, /can't write .*: ENOENT\n {2}name another place with --output FILE/);
    assert.match(write(minimal, work).stderr, /can't write .*: it is not a regular file/);
    assert.deepEqual(readdirSync(work).sort(), ["cluster.toml", "keepalived.conf"]);
  });

  it("says what comes next where this host is the node", () => {
    const tmpfiles = join(work, "tmpfiles.conf");
    const { status, stderr } = run(onThisHost, ["--tmpfiles", "--output", tmpfiles]);
    assert.equal(status, 0);
    assert.equal(stderr, `generate-config: next: systemd-tmpfiles --create ${tmpfiles}\n`);
    assert.equal(run(minimal, ["--node", "server11", "--tmpfiles", "--output", tmpfiles]).stderr, "");
  });

  it("keeps the lines for redis.conf, which get the passwords, to their owner", () => {
    const output = join(work, "redis.conf");
    const { status, stderr } = run(onThisHost, ["--redis", "--output", output]);
    assert.equal(status, 0);
    assert.equal(statSync(output).mode & 0o777, 0o600);
    assert.match(stderr, /^generate-config: next: chown redis .*redis\.conf, include it at the end of redis\.conf, /);
  });

  it("warns of a password file that is missing, on its own host, with what to type", () => {
    const missing = join(work, "password");
    const text = replaced(passwordFile, missing, onThisHost);
    const { status, stderr } = run(text, ["--redis"]);
    assert.equal(status, 0);
    assert.match(
      stderr,
      /^generate-config: there is no redis\.password_file .*: (install -D -m 600 .*), and write .*\n$/,
    );
    const [, command = ""] = /: (install -D -m 600 [^,]*),/.exec(stderr) ?? [];
    assert.equal(spawnSync("sh", ["-c", command]).status, 0);
    assert.equal(statSync(missing).mode & 0o777, 0o600);
    assert.equal(run(text, ["--redis"]).stderr, "");
    rmSync(missing);
    assert.equal(run(replaced("127.0.0.1", "192.168.1.112", text), ["--node", "server11", "--redis"]).stderr, "");
  });

  it("warns of a password file that others can read", () => {
    const password = join(work, "password");
    writeFileSync(password, "hunter2\n", { mode: 0o644 });
    const { status, stderr } = run(replaced(passwordFile, password, onThisHost), ["--redis"]);
    assert.equal(status, 0);
    assert.match(stderr, /^generate-config: redis\.password_file .* can be read by others .*: chmod 600 /);
  });
});
