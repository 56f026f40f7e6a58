import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createLogger, format } from "winston";
import { openLog } from "../../../src/log/log.ts";
import { openPlainLog } from "../../../src/log/plain-log.ts";
import { SystemLog } from "../../../src/log/system-log.ts";

const path = process.env.PATH;
let folder = "";

/** A logger(1) that keeps what it got, so that the test needs no syslog. */
function standIn(script: string): void {
  writeFileSync(join(folder, "logger"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "logger"), 0o755);
}

async function logTwoLines(socket: string): Promise<number> {
  const transport = new SystemLog({ syslog: socket, journal: "/nowhere" });
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
    const expected = `--tag keepalived-redis --id=${process.pid} --size 8192 --socket ${folder} --prio-prefix\n`;
    assert.equal(readFileSync(join(folder, "arguments"), "utf8"), expected);
  });

  it("has all lines when the log is closed", async () => {
    standIn(`sleep 0.1; cat > ${folder}/lines`);
    const origin = { node: "server11", cluster: "sessions", executable: "notify-master" };
    const log = openLog({
      file: join(folder, "log"),
      level: "info",
      origin,
      secrets: [],
      sockets: { syslog: folder, journal: "/nowhere" },
    });
    log.info("verdict", "made master");
    log.debug("verdict", "not at this level");
    await log.close();
    const line = readFileSync(join(folder, "log"), "utf8");
    assert.equal(readFileSync(join(folder, "lines"), "utf8"), `<30>${line}`);
  });

  it("gives journald each line as an entry with its fields", async () => {
    standIn(`echo "$@" >> ${folder}/arguments; { cat; echo end; } >> ${folder}/entries`);
    const origin = { node: "server11", cluster: "sessions", executable: "notify-master" };
    const sockets = { journal: folder, syslog: "/nowhere" };
    const log = openLog({ file: join(folder, "log"), level: "info", origin, secrets: ["hunter2"], sockets });
    log.warn("step-failed", "two\nlines \\ hunter2", {
      step: "park",
      duration_ms: 3,
      at: { node: "x" },
      error: new Error("a\nb"),
    });
    log.info("verdict", "fit", { healthy: true });
    await log.close();
    const entries = readFileSync(join(folder, "entries"), "utf8").split("end\n");
    const [first = "", second] = readFileSync(join(folder, "log"), "utf8").split("\n");
    const { timestamp } = JSON.parse(first);
    assert.equal(
      entries[0],
      [
        `MESSAGE=${first}`,
        ...["PRIORITY=4", "SYSLOG_IDENTIFIER=keepalived-redis", "SYSLOG_FACILITY=3", `SYSLOG_PID=${process.pid}`],
        `KEEPALIVED_REDIS_TIMESTAMP=${timestamp}`,
        ...["KEEPALIVED_REDIS_LEVEL=warn", "KEEPALIVED_REDIS_EVENT=step-failed"],
        "KEEPALIVED_REDIS_MESSAGE=two lines \\ ***",
        ...["KEEPALIVED_REDIS_NODE=server11", "KEEPALIVED_REDIS_CLUSTER=sessions"],
        ...[
          "KEEPALIVED_REDIS_EXECUTABLE=notify-master",
          "KEEPALIVED_REDIS_STEP=park",
          "KEEPALIVED_REDIS_DURATION_MS=3",
        ],
        "KEEPALIVED_REDIS_ERROR=a b\n",
      ].join("\n"),
    );
    assert.ok(entries[1]?.startsWith(`MESSAGE=${second}\nPRIORITY=6\n`), entries[1]);
    assert.match(entries[1] ?? "", /^KEEPALIVED_REDIS_HEALTHY=true$/m);
    assert.equal(entries.length, 3);
    assert.equal(readFileSync(join(folder, "arguments"), "utf8"), "--journald\n--journald\n");
  });

  it("has a check's line before the check ends, and when Keepalived ends its process group", async () => {
    const groupOf = (stat: string) => stat.split(" ")[4];
    standIn(
      `read -r stat </proc/$$/stat; { cat; echo "$stat"; } > ${folder}/started; mv ${folder}/started ${folder}/entry`,
    );
    const origin = { node: "server11", cluster: "sessions", executable: "monitor" };
    const sockets = { journal: folder, syslog: "/nowhere" };
    const log = openPlainLog({ file: join(folder, "log"), level: "info", origin, secrets: [], sockets });
    log.info("verdict", "fit");
    const deadline_ms = performance.now() + 10_000;
    while (!existsSync(join(folder, "entry")) && performance.now() < deadline_ms) await setTimeout(10);
    const [message = "", ...rest] = readFileSync(join(folder, "entry"), "utf8").trimEnd().split("\n");
    assert.equal(`${message.replace("MESSAGE=", "")}\n`, readFileSync(join(folder, "log"), "utf8"));
    assert.notEqual(groupOf(rest.at(-1) ?? ""), groupOf(readFileSync("/proc/self/stat", "utf8")));
    await log.close();
  });

  it("gets the lines that follow a SIGTERM to all processes of a unit", async () => {
    standIn(`cat >> ${folder}/entries; kill -TERM $PPID`);
    const origin = { node: "server11", cluster: "sessions", executable: "agent" };
    const sockets = { journal: folder, syslog: "/nowhere" };
    const log = openLog({ file: join(folder, "log"), level: "info", origin, secrets: [], sockets });
    log.info("verdict", "fit");
    log.info("agent-stopped", "the agent stops");
    await log.close();
    assert.match(readFileSync(join(folder, "entries"), "utf8"), /^KEEPALIVED_REDIS_EVENT=agent-stopped$/m);
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
