import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createLogger, format } from "winston";
import { openLog } from "../../../src/log/log.ts";
import { SystemLog } from "../../../src/log/system-log.ts";

const path = process.env.PATH;
let folder = "";

/** A logger(1) that keeps what it got, so that the test needs no syslog. */
function standIn(script: string): void {
  writeFileSync(join(folder, "logger"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "logger"), 0o755);
}

async function logTwoLines(socket: string): Promise<number> {
  const transport = new SystemLog("notify-master", socket);
  const logger = createLogger({
    format: format.printf(({ message }) => `{"m":"${message}"}`),
    transports: [transport],
  });
  logger.info("first");
  logger.error("second");
  const started = performance.now();
  logger.end();
  await new Promise((resolve) => transport.once("finish", resolve));
  return performance.now() - started;
}

describe("the system's log", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "keepalived-redis-logger-"));
    process.env.PATH = `${folder}:${path}`;
  });
  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  it("gets every line with its priority by one logger(1), whose end is awaited", async () => {
    standIn(`echo "$@" >> ${folder}/arguments; cat > ${folder}/lines; sleep 0.05; echo end >> ${folder}/lines`);
    await logTwoLines(folder);
    assert.equal(readFileSync(join(folder, "lines"), "utf8"), '<30>{"m":"first"}\n<27>{"m":"second"}\nend\n');
    const expected = `--tag keepalived-redis/notify-master --id=${process.pid} --size 8192 --socket ${folder} --prio-prefix\n`;
    assert.equal(readFileSync(join(folder, "arguments"), "utf8"), expected);
  });

  it("has all lines when the log is closed", async () => {
    standIn(`sleep 0.1; cat > ${folder}/lines`);
    const origin = { node: "server11", cluster: "sessions", executable: "notify-master" };
    const log = openLog({ file: join(folder, "log"), level: "info", origin, secrets: [], socket: folder });
    log.info("verdict", "made master");
    log.debug("verdict", "not at this level");
    await log.close();
    const line = readFileSync(join(folder, "log"), "utf8");
    assert.equal(readFileSync(join(folder, "lines"), "utf8"), `<30>${line}`);
  });

  it("does nothing where there is no such socket", async () => {
    standIn(`touch ${folder}/started`);
    await logTwoLines(join(folder, "none"));
    assert.equal(existsSync(join(folder, "started")), false);
  });

  it("is harmless when logger(1) is missing, fails, or hangs", async () => {
    process.env.PATH = folder;
    await logTwoLines(folder);
    process.env.PATH = `${folder}:${path}`;
    standIn("exit 1");
    await logTwoLines(folder);
    standIn("exec sleep 3");
    const ms = await logTwoLines(folder);
    assert.ok(ms > 400 && ms < 2500, `waited ${ms} ms for a logger that hangs`);
  });
});
