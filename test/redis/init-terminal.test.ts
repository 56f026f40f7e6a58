import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../../scripts/build.ts";

/** init asks a person: script(1) is the terminal. */

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-terminal-"));
const program = join(folder, "init");
const root = join(folder, "root");
const at = (path: string) => join(root, path);
const redisConf = "/etc/redis/redis.conf";
const clusterFile = "/etc/keepalived-redis/cluster.toml";
const own = "/etc/redis/keepalived-redis-sessions.conf";

const { status } = spawnSync("script", ["--version"], { stdio: "ignore" });
const skip = status === 0 ? false : "NOT TESTED: no script(1) on this machine (Debian: bsdutils)";

before(async () => {
  await bundle(fileURLToPath(new URL("../../bin/init.ts", import.meta.url)), program);
});
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(dirname(at(redisConf)), { recursive: true });
  writeFileSync(at(redisConf), "requirepass former\n");
});

/** Runs init on a terminal and types each answer once its question is shown. */
async function onTerminal(args: readonly string[], answers: readonly [question: string, answer: string][]) {
  const words = [program, "--root", root, "--bin-dir", "/usr/local/lib/keepalived-redis", ...args];
  const child = spawn("script", ["-qec", words.join(" "), "/dev/null"], { timeout: 60_000 });
  const left = [...answers];
  let shown = "";
  let read = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    const [question, answer] = left[0] ?? [];
    if (question === undefined || !shown.slice(read).includes(question)) return;
    read = shown.length;
    left.shift();
    child.stdin.write(`${answer}\r`);
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  assert.deepEqual(left, [], shown);
  return { code, shown };
}

const given = ["--redis-conf", redisConf];
const questions: [string, string][] = [
  ["Name of the cluster [redis]", "sessions"],
  ["Network interface of the virtual IP", "eth7"],
  ["Virtual IP: an address", ""],
  ["Virtual IP: an address", "192.0.2.120/24"],
  ["VRRP router id, 1 to 255, which nothing else on that network uses [120]", ""],
  ["This node, NAME=ADDRESS", "server11=192.0.2.11"],
  ["The other node, NAME=ADDRESS", "server12=192.0.2.12"],
];
const confirm = "Make these changes? (yes or no) [yes]";

describe("init on a terminal", { skip }, () => {
  it("asks, shows every change, and makes them after a yes only", async () => {
    const refused = await onTerminal(given, [...questions, [confirm, "no"]]);
    assert.equal(refused.code, 1, refused.shown);
    assert.match(refused.shown, /init: nothing was changed/);
    assert.ok(!existsSync(at(clusterFile)));

    const done = await onTerminal(given, [...questions, [confirm, ""]]);
    assert.equal(done.code, 0, done.shown);
    assert.match(readFileSync(at(clusterFile), "utf8"), /^name = "sessions"$/m);
    const diff = done.shown.indexOf(`+++ ${own}`);
    assert.ok(diff > 0 && diff < done.shown.indexOf(confirm), "shown before it is asked");
    assert.match(done.shown, /requirepass \*\*\*/);
  });

  it("--join asks for the password, and shows it nowhere", async () => {
    const first = await onTerminal(given, [...questions, [confirm, "y"]]);
    const word = / --join (\S+)/.exec(first.shown)?.[1] ?? "";
    await onTerminal(["--undo"], []);
    const { code, shown } = await onTerminal(
      [...given, "--join", word],
      [
        ["Password of Redis, as the first node has it", "hunter2"],
        [confirm, "yes"],
      ],
    );
    assert.equal(code, 0, shown);
    assert.ok(!shown.includes("hunter2"), shown);
    assert.equal(readFileSync(at("/etc/keepalived-redis/password"), "utf8"), "hunter2\n");
  });

  it("--undo shows what was edited since, and undoes it after a yes only", async () => {
    await onTerminal(given, [...questions, [confirm, "yes"]]);
    appendFileSync(at(redisConf), "maxmemory 1gb\n");
    const question = `Undo ${redisConf}, edited since init wrote it, and keep a copy? (yes or no) [yes]`;
    const refused = await onTerminal(["--undo"], [[question, "no"]]);
    assert.equal(refused.code, 1, refused.shown);
    assert.match(refused.shown, /^-maxmemory 1gb\r$/m);
    assert.ok(existsSync(at(clusterFile)));

    const done = await onTerminal(["--undo"], [[question, "yes"]]);
    assert.equal(done.code, 0, done.shown);
    assert.ok(!existsSync(at(clusterFile)));
    assert.match(readFileSync(at(`${redisConf}.before-undo`), "utf8"), /^maxmemory 1gb$/m);
  });
});
