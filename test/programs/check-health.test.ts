import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { silent_s, writeHeartbeat } from "../../src/state/heartbeat.ts";

const script = fileURLToPath(new URL("../../bin/check-health.sh", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-heartbeat-"));
const state = join(folder, "sessions");
const heartbeat = join(state, "heartbeat");
const lastCheck = join(state, "last-check");
const command = join(folder, "monitor");
const trace = join(folder, "trace");

mkdirSync(state);
/** In place of the monitor: leaves its arguments, ends with a code of its own. */
writeFileSync(command, `#!/bin/sh\nprintf '<%s>' "$@" >${trace}\nexit 7\n`, { mode: 0o755 });
const slowCommand = join(folder, "slow-monitor");
writeFileSync(slowCommand, `#!/bin/sh\n: >${trace}\nexec /bin/sleep 30\n`, { mode: 0o755 });
/** Like the monitor whose second question to Redis has waited too. */
const silentRedis = join(folder, "silent-redis");
writeFileSync(silentRedis, `#!/bin/sh\ntrap 'exit 1' TERM\n: >${trace}\nwhile :; do /bin/sleep 0.05; done\n`, {
  mode: 0o755,
});
/** Like the monitor that has its verdict when the signal comes. */
const lateVerdict = join(folder, "late-verdict");
writeFileSync(lateVerdict, `#!/bin/sh\ntrap '' TERM\n: >${trace}\n/bin/sleep 0.1\nexit 0\n`, { mode: 0o755 });
const slowVerdict = join(folder, "slow-verdict");
writeFileSync(slowVerdict, `#!/bin/sh\ntrap '' TERM\n: >${trace}\n/bin/sleep 2\nexit 0\n`, { mode: 0o755 });
after(() => rmSync(folder, { recursive: true }));

const installed = (shell: readonly string[]) => spawnSync(shell[0] ?? "", [...shell.slice(1), "-c", ":"]).status === 0;
const shells = [["/bin/sh"], ["dash"], ["bash", "--posix"], ["busybox", "sh"]].filter(installed);

/** The heartbeat of this process, which lives, as its agent would write it now; fields can be replaced. */
function beatWith(change: (fields: string[]) => string[] = (fields) => fields): void {
  writeHeartbeat(heartbeat);
  const fields = readFileSync(heartbeat, "utf8").trim().split(" ");
  assert.equal(fields.length, 4);
  writeFileSync(heartbeat, `${change(fields).join(" ")}\n`);
}

const replaced = (index: number, by: string | ((now: string) => string)) => (fields: string[]) =>
  fields.with(index, typeof by === "string" ? by : by(fields[index] ?? ""));
const later = (hundredths: number) => replaced(3, (at) => String(Number(at) + hundredths));

const ended = spawnSync("true").pid;

/** [what there is, how it comes to be]: none of it tells that an agent lives. */
const noAgent: [string, () => void][] = [
  ["no file", () => rmSync(heartbeat, { force: true })],
  ["an empty file", () => writeFileSync(heartbeat, "")],
  ["an empty line", () => writeFileSync(heartbeat, "\n")],
  ["garbage", () => writeFileSync(heartbeat, "a $(touch x) * `\0\n")],
  ["a heartbeat that is cut off", () => beatWith((fields) => fields.slice(0, 3))],
  ["the line without its end", () => writeFileSync(heartbeat, `${process.pid} 1 2.3 4`)],
  ["one of 1.5 s ago", () => beatWith(later(-100 * silent_s))],
  ["one of an hour ago", () => beatWith(later(-360_000))],
  ["one from the future", () => beatWith(later(6000))],
  ["a time that isn't plain", () => beatWith(replaced(3, "0x7fffffff"))],
  ["a time with a leading zero", () => beatWith(replaced(3, (at) => `0${at}`))],
  ["a time that is too long", () => beatWith(replaced(3, "9".repeat(40)))],
  ["LXCFS where it finds no uptime", () => beatWith(replaced(3, "000"))],
  ["a process that ended", () => beatWith(replaced(0, String(ended)))],
  ["no number of a process", () => beatWith(replaced(0, "self"))],
];

for (const shell of shells) {
  describe(`check-health, run by ${shell.join(" ")}`, () => {
    beforeEach(async () => {
      rmSync(trace, { force: true });
      // The uptime is read once in a turn of the event loop, and these tests would be one turn of many seconds on a busy machine.
      await new Promise((turn) => setImmediate(turn));
    });

    // There is no program that it could start.
    const env = { PATH: "/nowhere" };
    const find = (name: string) => spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
    const [program = "", ...options] = shell;
    const path = find(program);
    const run = (...args: string[]) =>
      spawnSync(path, [...options, script, ...args], { env, encoding: "utf8", timeout: 10_000 });
    const traced = () => spawnSync("cat", [trace], { encoding: "utf8" }).stdout;

    it("ends with 0, and starts nothing, while the agent lives", () => {
      beatWith();
      const { status, stdout, stderr } = run(state, "1", command, "--cluster", "/etc/a b");
      assert.deepEqual({ status, stdout, stderr, traced: traced() }, { status: 0, stdout: "", stderr: "", traced: "" });
    });

    for (const [what, make] of noAgent) {
      it(`runs the command, and ends with its code: ${what}`, () => {
        make();
        const { status, stdout, stderr } = run(state, "1", command, "--cluster", "/etc/a b", "*");
        const expected = { status: 7, stdout: "", stderr: "", traced: "<--cluster></etc/a b><*>" };
        assert.deepEqual({ status, stdout, stderr, traced: traced() }, expected);
      });
    }

    it("fails where there is nothing that it could run", () => {
      rmSync(heartbeat, { force: true });
      for (const args of [[], [state], [state, "1"], [state, "1", join(folder, "missing")], [state, "1", folder]]) {
        assert.notEqual(run(...args).status ?? 0, 0, args.join(" "));
      }
    });

    /** Runs it with a command that is slower than its time-out, at which Keepalived sends SIGTERM to both. */
    const slow = async (after_ms = 0, seconds = "1", command = slowCommand): Promise<number | null> => {
      rmSync(heartbeat, { force: true });
      rmSync(trace, { force: true });
      const child = spawn(path, [...options, script, state, seconds, command], { env, detached: true });
      const ended = once(child, "exit");
      while (!existsSync(trace)) await sleep(2);
      await sleep(after_ms);
      process.kill(-(child.pid ?? 0), "SIGTERM");
      const [code] = await ended;
      return code as number | null;
    };
    const hundredths = () => Number((readFileSync("/proc/uptime", "utf8").split(" ")[0] ?? "").replace(".", ""));
    const last = (code: number, ago: number) => writeFileSync(lastCheck, `${code} ${hundredths() - ago}\n`);

    it("ends as the last check did, if the command has no time to run", async () => {
      last(0, 200);
      assert.equal(await slow(), 0);
      // It does not count as a check.
      assert.equal(readFileSync(lastCheck, "utf8").split(" ")[0], "0");
      last(7, 200);
      assert.equal(await slow(), 1);
    });

    it("fails if that was too long ago, or is not known, and if the signal is late: then the host stood still", async () => {
      last(0, 1000);
      assert.equal(await slow(), 1);
      for (const text of ["", "0\n", "0 garbage\n", "x 1\n"]) {
        writeFileSync(lastCheck, text);
        assert.equal(await slow(), 1, text);
      }
      rmSync(lastCheck);
      assert.equal(await slow(), 1);
      last(0, 200);
      assert.equal(await slow(700, "0"), 1);
    });

    it("fails if the monitor says so when its time is over, and remembers that", async () => {
      last(0, 200);
      assert.equal(await slow(0, "1", silentRedis), 1);
      assert.match(readFileSync(lastCheck, "utf8"), /^1 [1-9]\d+\n$/);
    });

    it("ends as the monitor does that has its verdict already, and remembers that, unless the host stood still", async () => {
      rmSync(lastCheck, { force: true });
      assert.equal(await slow(0, "1", lateVerdict), 0);
      assert.match(readFileSync(lastCheck, "utf8"), /^0 [1-9]\d+\n$/);
      assert.equal(await slow(700, "0", slowVerdict), 1);
    });

    it("remembers how a check ended", () => {
      rmSync(lastCheck, { force: true });
      rmSync(heartbeat, { force: true });
      run(state, "1", command);
      assert.match(readFileSync(lastCheck, "utf8"), /^7 [1-9]\d+\n$/);
    });
  });
}

it("check-health and the monitor miss an agent after the same time", () => {
  assert.ok(readFileSync(script, "utf8").includes(`\nfresh=${100 * silent_s} `));
});
