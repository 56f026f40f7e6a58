import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Heartbeat } from "../../src/agent/heartbeat.ts";
import { silentLog } from "../../src/log/log.ts";
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
      hook.release();
      await eventually(async () => alive().every(Boolean));
    } finally {
      hook?.release();
      heartbeat.stop();
      remove();
    }
  });
});
