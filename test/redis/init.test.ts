import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../../scripts/build.ts";
import { backupOf } from "../../src/admin/init/change-files.ts";
import { parseCluster } from "../../src/cluster/load.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-init-"));
const program = join(folder, "init");
const root = join(folder, "root");
const redisConf = "/etc/redis/redis.conf";
const journal = "/etc/keepalived-redis/cluster.toml.init.json";
const redisText = "bind 127.0.0.1\nrequirepass former\n";
const answers = [
  ...["--name", "sessions", "--vip", "192.0.2.120/24", "--interface", "eth0", "--router-id", "51"],
  ...["--node", "server11=192.0.2.11", "--node", "server12=192.0.2.12", "--redis-conf", redisConf],
];

before(async () => {
  await bundle(fileURLToPath(new URL("../../bin/init.ts", import.meta.url)), program);
});
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  put(redisConf, redisText);
});

const put = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode: 0o640 });
  return join(root, path);
};
const text = (path: string) => readFileSync(join(root, path), "utf8");
const files = () =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length))
    .sort();
const contents = () => Object.fromEntries(files().map((path) => [path, text(path)]));

function init(...args: string[]) {
  const bin = args.includes("--bin-dir") ? [] : ["--bin-dir", "/usr/local/lib/keepalived-redis"];
  const given = ["--root", root, ...bin, ...args];
  return spawnSync(program, given, { encoding: "utf8", timeout: 20_000, stdio: ["ignore", "pipe", "pipe"] });
}

const done = (...args: string[]) => {
  const { status, stdout, stderr } = init(...args);
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
};

const refused = (code: number, line: RegExp, ...args: string[]) => {
  const { status, stderr } = init(...args);
  assert.equal(status, code, stderr);
  assert.match(stderr, line);
  assert.ok(stderr.trim().split("\n").length <= 2, stderr);
};

describe("init --root", () => {
  it("writes all files of a node, and shows each before", () => {
    const stdout = done(...answers, "--yes");
    assert.deepEqual(files(), [
      "/etc/keepalived-redis/cluster.toml",
      "/etc/keepalived-redis/cluster.toml.init.json",
      "/etc/keepalived-redis/password",
      "/etc/keepalived/keepalived.conf",
      "/etc/logrotate.d/keepalived-redis-sessions",
      "/etc/redis/keepalived-redis-sessions.conf",
      redisConf,
      backupOf(redisConf),
      "/etc/systemd/system/keepalived-redis-agent.service",
      "/etc/systemd/system/keepalived.service.d/keepalived-redis-sessions.conf",
      "/etc/sysusers.d/keepalived-redis.conf",
      "/etc/tmpfiles.d/keepalived-redis-sessions.conf",
    ]);
    const cluster = parseCluster(text("/etc/keepalived-redis/cluster.toml"), "cluster.toml");
    assert.deepEqual(
      cluster.nodes.map(({ name, address }) => `${name}=${address}`),
      ["server11=192.0.2.11", "server12=192.0.2.12"],
    );
    assert.equal(text(redisConf).split("\n").at(-2), "include /etc/redis/keepalived-redis-sessions.conf");
    assert.match(text("/etc/keepalived/keepalived.conf"), /profile agent/);
    for (const file of files().filter((path) => !/(init\.json|before-.*)$/.test(path)))
      assert.ok(stdout.includes(`+++ ${file}\n`), file);
  });

  it("keeps the password to those who need it, and shows it nowhere", () => {
    const stdout = done(...answers, "--yes");
    const password = text("/etc/keepalived-redis/password").trim();
    assert.match(password, /^[\w-]{32}$/);
    assert.ok(!stdout.includes(password));
    assert.ok(!stdout.includes("former"));
    assert.equal(statSync(join(root, "/etc/keepalived-redis/password")).mode & 0o777, 0o600);
    assert.equal(statSync(join(root, "/etc/redis/keepalived-redis-sessions.conf")).mode & 0o777, 0o640);
    assert.ok(
      text("/etc/redis/keepalived-redis-sessions.conf").includes(
        `\nrequirepass "${password}"\nmasterauth "${password}"\n`,
      ),
    );
    assert.ok(!text("/etc/keepalived-redis/cluster.toml.init.json").includes(password));
  });

  it("changes nothing the second time, and prints the line for the other node again", () => {
    const first = done(...answers, "--yes");
    const before = contents();
    const second = done("--redis-conf", redisConf);
    assert.match(second, /^No file has to be changed\.$/m);
    assert.deepEqual(contents(), before);
    assert.equal(/ --join (\S+)/.exec(second)?.[1], / --join (\S+)/.exec(first)?.[1]);
  });

  it("completes what a kill has left, whatever was done by then, and --undo still finds what was there at first", () => {
    done(...answers, "--yes");
    const whole = contents();
    const order = JSON.parse(whole[journal] ?? "").files as { path: string }[];
    const password = join(folder, "password");
    writeFileSync(password, whole["/etc/keepalived-redis/password"] ?? "");
    for (let made = 0; made < order.length; made++) {
      rmSync(root, { recursive: true });
      // As a kill before the change of `made` leaves it: the entry is written, the file not yet.
      put(redisConf, redisText);
      if (order.slice(0, made + 1).some(({ path }) => path === redisConf)) put(backupOf(redisConf), redisText);
      for (const { path } of order.slice(0, made)) put(path, whole[path] ?? "");
      put(journal, JSON.stringify({ files: order.slice(0, made + 1) }));
      done(...answers, "--yes", "--password-file", password);
      assert.deepEqual(contents(), { ...whole, [journal]: text(journal) });
    }
    done("--undo");
    assert.deepEqual(contents(), { [redisConf]: redisText });
  });

  it("--undo puts back what was there, and removes what was not; again it does nothing", () => {
    put("/etc/keepalived/keepalived.conf", "# empty\n");
    const before = contents();
    done(...answers, "--yes");
    done("--profile", "hooks", "--yes", "--redis-conf", redisConf);
    done("--undo");
    assert.deepEqual(contents(), before);
    assert.match(done("--undo"), /has changed nothing/);
  });

  it("--undo loses nothing that was edited since: it is asked for, and kept beside; an earlier copy stays", () => {
    const edited = ["maxmemory 1gb\n", "maxmemory 2gb\n"];
    for (const [count, line] of edited.entries()) {
      done(...answers, "--yes");
      put(redisConf, `${text(redisConf)}${line}`);
      const before = contents();
      refused(2, /^init: --yes is missing: undo \/etc\/redis\/redis\.conf, edited since init wrote it,/, "--undo");
      assert.deepEqual(contents(), before);
      const copy = `${redisConf}.before-undo${count === 0 ? "" : "-2"}`;
      assert.ok(
        done("--undo", "--yes").includes(`put back ${redisConf}; as it was edited since it is kept as ${copy}\n`),
      );
      assert.equal(text(redisConf), redisText);
      assert.equal(text(copy), before[redisConf]);
    }
    assert.deepEqual(files(), [redisConf, `${redisConf}.before-undo`, `${redisConf}.before-undo-2`]);
  });

  it("--undo keeps an edited file that was not there before, too, and shows no password of what is lost", () => {
    done(...answers, "--yes", "--password-file", put("/given", "hunter2"));
    rmSync(join(root, "given"));
    const own = "/etc/redis/keepalived-redis-sessions.conf";
    const at = put(own, `${text(own)}timeout 60\n`);
    const shown = init("--undo").stdout;
    assert.match(shown, /^-timeout 60$/m);
    assert.ok(!shown.includes("hunter2"), shown);
    done("--undo", "--yes");
    assert.deepEqual(files(), [`${own}.before-undo`, redisConf]);
    assert.equal(readFileSync(`${at}.before-undo`, "utf8").split("\n").at(-2), "timeout 60");
  });

  it("--dry-run changes nothing", () => {
    done(...answers, "--yes", "--dry-run");
    assert.deepEqual(files(), [redisConf]);
  });

  it("--join writes the same cluster file, and needs the password", () => {
    const word = / --join (\S+)/.exec(done(...answers, "--yes"))?.[1] ?? "";
    const before = contents();
    writeFileSync(join(folder, "password"), before["/etc/keepalived-redis/password"] ?? "");
    done("--undo");
    refused(2, /--password-file is missing/, "--join", word, "--yes", "--redis-conf", redisConf);
    refused(2, /--join has not the word/, "--join", word.slice(0, 20), "--yes");
    done("--join", word, "--yes", "--redis-conf", redisConf, "--password-file", join(folder, "password"));
    assert.deepEqual(contents(), before);
  });

  it("leaves the log to the file of the package for logrotate, and names its command", () => {
    put("/etc/logrotate.d/keepalived-redis", "/var/log/keepalived-redis/*.log {\n}\n");
    const stdout = done(...answers, "--yes", "--bin-dir", "/usr/lib/keepalived-redis");
    assert.match(stdout, /^ {4}keepalived-redis init --join \S+$/m);
    assert.ok(!files().includes("/etc/logrotate.d/keepalived-redis-sessions"));
  });

  it("leaves the instances of others in keepalived.conf, and includes its own", () => {
    put("/etc/keepalived/keepalived.conf", "vrrp_instance web {\n}\n");
    done(...answers, "--yes");
    assert.match(
      text("/etc/keepalived/keepalived.conf"),
      /^vrrp_instance web \{\n\}\n.*\ninclude \/etc\/keepalived\/sessions\.conf\n$/,
    );
    assert.match(text("/etc/keepalived/sessions.conf"), /vrrp_instance sessions/);
    assert.match(done("--redis-conf", redisConf), /No file has to be changed/);
  });

  it("is told in one line what it can't do", () => {
    refused(2, /--yes is missing/, ...answers);
    refused(2, /--vip is missing/, ...answers.filter((one) => !/vip|120/.test(one)), "--yes");
    refused(
      2,
      /--node server12: it is NAME=ADDRESS/,
      ...answers.slice(0, 8),
      "--node",
      "server11=192.0.2.11",
      "--node",
      "server12",
      "--yes",
    );
    refused(2, /router_id = 300 must be at most 255/, ...answers.map((one) => (one === "51" ? "300" : one)), "--yes");
    refused(2, /--vip is given twice/, ...answers, "--vip", "192.0.2.121/24");
    refused(2, /can't read --password-file \/nowhere/, ...answers, "--yes", "--password-file", "/nowhere");
    refused(1, /there is no .*\/nowhere\.conf/, ...answers.with(-1, "/nowhere.conf"), "--yes");
    put("/etc/systemd/system/keepalived-redis-agent.service", "# carts: the agent\n");
    refused(1, /is the agent of the cluster carts/, ...answers, "--yes");
    assert.ok(!existsSync(join(root, "/etc/keepalived-redis")));
    done(...answers, "--yes", "--profile", "hooks");
    refused(2, /--name carts: .* is there already and has sessions/, "--name", "carts", "--redis-conf", redisConf);
  });
});
