import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Heartbeat } from "../../src/agent/heartbeat.ts";
import { silentLog } from "../../src/log/log.ts";
import { timelineReport } from "../../src/report/incidents/report.ts";
import { agentAlive, heartbeat_ms, silent_s } from "../../src/state/heartbeat.ts";
import { type Lock, takeLock } from "../../src/system/lock.ts";
import { testCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";

/** Blocks this process and all its timers, as on a busy or suspended host. */
const blockProcess = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe("an agent's heartbeat", () => {
  it("is stale after the process was blocked, and fresh again only once the running hook has ended", async () => {
    const { paths, remove } = testCluster(["127.0.0.1", "127.0.0.2"].map((host) => ({ host, port: 1 })));
    const heartbeat = new Heartbeat(paths, silentLog);
    let hook: Lock | undefined;
    const alive = () => [heartbeat.fresh, agentAlive(paths.heartbeat)];
    try {
      await heartbeat.start();
      assert.deepEqual(alive(), [true, true]);
      hook = await takeLock(paths.lock, 1);
      await sleep(2 * heartbeat_ms);
      assert.deepEqual(alive(), [true, true], "a running hook alone does not stop the heartbeat");
      blockProcess(silent_s * 1000 + 100);
      await sleep(2 * heartbeat_ms);
      assert.deepEqual(alive(), [false, false]);
      let resumed = false;
      const waiting = heartbeat.resumed().then(() => {
        resumed = true;
      });
      await sleep(heartbeat_ms);
      assert.equal(resumed, false, "a transition waits for the hook");
      hook.release();
      await waiting;
      assert.deepEqual(alive(), [true, true]);
      await heartbeat.resumed();
      heartbeat.stop();
      blockProcess(silent_s * 1000 + 100);
      await heartbeat.resumed();
      assert.equal(existsSync(paths.heartbeat), false, "an agent that has ended has no heartbeat");
    } finally {
      hook?.release();
      heartbeat.stop();
      remove();
    }
  });
});

describe("the log of an agent", () => {
  it("tells how the one before it ended, and timeline tells that it was killed", async () => {
    const cluster = testCluster(["127.0.0.1", "127.0.0.2"].map((host) => ({ host, port: 1 })));
    const starts = () =>
      (existsSync(cluster.paths.log) ? cluster.log() : [])
        .filter(({ event }) => event === "agent-started" || event === "agent-stopped")
        .map(({ event, level, previous }) => [event, level, previous]);
    const startedAs = (nth: number) => eventually(async () => starts().length === nth);
    try {
      const first = cluster.start("agent", "server11");
      await startedAs(1);
      first.kill("SIGKILL");
      await first.ended;
      const second = cluster.start("agent", "server11");
      await startedAs(2);
      second.kill("SIGTERM");
      assert.equal((await second.ended).code, 0);
      const third = cluster.start("agent", "server11");
      await startedAs(4);
      third.kill("SIGTERM");
      await third.ended;
      const stopped = ["agent-stopped", "info", undefined];
      assert.deepEqual(starts(), [
        ["agent-started", "info", "ended"],
        ["agent-started", "warn", "killed"],
        ...[stopped, ["agent-started", "info", "ended"], stopped],
      ]);
      const lines = readFileSync(cluster.paths.log, "utf8").split("\n");
      const [{ cause } = { cause: undefined }] = timelineReport(
        [lines.filter((line) => line.includes('"agent-')).join("\n")],
        Number.NEGATIVE_INFINITY,
      ).incidents;
      assert.deepEqual(cause, {
        ...{ code: "agent-killed", node: "server11" },
        text: "the agent of server11 was killed or crashed, and was started again",
      });
    } finally {
      cluster.remove();
    }
  });
});
