import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../../../scripts/build.ts";
import { openLog } from "../../../src/log/log.ts";

const origin = { node: "server11", cluster: "sessions", executable: "notify-master" };
const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-log-"));
after(() => rmSync(folder, { recursive: true }));

const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe("the log", () => {
  it("has every line after close, in order, at its level, with the fields of its children", async () => {
    const file = join(folder, "order.log");
    const log = openLog({ file, level: "info", origin, secrets: ["hunter22"] });
    const child = log.child({ transition: "MASTER" }).child({ id: "7-1" });
    for (let n = 0; n < 200; n++) child.info("verdict", `line ${n}`, { n });
    log.debug("verdict", "not at this level");
    await new Promise((resolve) => setTimeout(resolve, 20));
    log.error("verdict", "AUTH hunter22 was refused");
    await log.close();
    const lines = linesOf(file);
    assert.deepEqual(
      lines.slice(0, 200).map(({ n }) => n),
      Array.from({ length: 200 }, (_, n) => n),
    );
    assert.deepEqual([lines[3]?.transition, lines[3]?.id, lines[3]?.executable], ["MASTER", "7-1", "notify-master"]);
    assert.deepEqual(
      lines.slice(200).map(({ level, message }) => [level, message]),
      [["error", "AUTH *** was refused"]],
    );
  });

  it("is readable by others whatever umask Keepalived gave, and makes its folder", async () => {
    const umask = process.umask(0o177);
    try {
      const file = join(folder, "new", "deeper", "sessions.log");
      const log = openLog({ file, level: "info", origin, secrets: [] });
      log.info("verdict", "first");
      await log.close();
      assert.equal(statSync(file).mode & 0o777, 0o644);
      for (const made of ["new", "new/deeper"]) assert.equal(statSync(join(folder, made)).mode & 0o777, 0o755);
      assert.equal(process.umask(0o177), 0o177);
    } finally {
      process.umask(umask);
    }
  });

  it("goes on in a new file when logrotate has moved the old one away", async () => {
    const file = join(folder, "rotated.log");
    const log = openLog({ file, level: "info", origin, secrets: [] });
    log.info("verdict", "before");
    while (!existsSync(file) || statSync(file).size === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    renameSync(file, `${file}.1`);
    log.info("verdict", "after");
    await log.close();
    assert.deepEqual([linesOf(`${file}.1`).length, linesOf(file).length], [1, 1]);
  });

  it("writes nothing, and makes no file, when nothing was logged", async () => {
    const file = join(folder, "silent.log");
    const log = openLog({ file, level: "warn", origin, secrets: [] });
    log.info("verdict", "not at this level");
    await log.close();
    assert.equal(existsSync(file), false);
  });
});

describe("the log of a process", () => {
  const program = join(folder, "program");
  before(async () => {
    const source = join(folder, "program.ts");
    const log = fileURLToPath(new URL("../../../src/log/log.ts", import.meta.url));
    writeFileSync(
      source,
      `import { openLog } from ${JSON.stringify(log)};
      const [, , file = "", way, terminal] = process.argv;
      const origin = { node: "server11", cluster: "sessions", executable: "program" };
      const log = openLog({ file, level: "info", origin, secrets: ["hunter22"], terminal: terminal === "terminal" });
      log.info("verdict", "first");
      log.warn("verdict", "last hunter22");
      if (way === "close") log.close().then(() => process.exit(0));
      if (way === "throw") setTimeout(() => { throw new Error("bug"); }, 100);`,
    );
    await bundle(source, program);
  });

  const run = (...args: string[]) => spawnSync(program, args, { encoding: "utf8", timeout: 10_000 });

  it("is complete at process.exit after close, at a natural end, and when it dies of a bug", () => {
    for (const way of ["close", "natural", "throw"]) {
      const file = join(folder, `${way}.log`);
      run(file, way);
      assert.deepEqual(
        linesOf(file).map(({ message }) => message),
        ["first", "last ***"],
        way,
      );
    }
  });

  it("goes to standard error when the file can't be written, and says so once", () => {
    const { status, stderr } = run(join(program, "not-a-folder.log"), "close");
    assert.equal(status, 0);
    const [told = "", ...lines] = stderr.trim().split("\n");
    assert.match(told, /^program: can't write the log: ENOTDIR/);
    const messages = lines.map((line) => JSON.parse(line).message).sort();
    assert.deepEqual(messages, ["can't write the log file", "first", "last ***"]);
  });

  it("tells a person in plain words where asked to", () => {
    const { stderr } = run(join(folder, "terminal.log"), "close", "terminal");
    assert.equal(stderr, "program: info: first\nprogram: warn: last ***\n");
    assert.equal(linesOf(join(folder, "terminal.log")).length, 2);
  });

  it("runs on when there is no file system to write to at all", () => {
    chmodSync(program, 0o755);
    const { status } = run("/proc/no/such/place.log", "close");
    assert.equal(status, 0);
  });
});
