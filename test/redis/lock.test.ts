import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type Lock, takeLock } from "../../src/system/lock.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-lock-"));
after(() => rmSync(folder, { recursive: true }));

const lockSource = new URL("../../src/system/lock.ts", import.meta.url).href;

/** Another process that takes the lock and keeps it. */
async function otherHolder(file: string) {
  const program = `import { takeLock } from ${JSON.stringify(lockSource)};
    await takeLock(${JSON.stringify(file)}, 10); console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = (await once(child.stdout, "data")) as [Buffer];
  assert.equal(output.toString(), "held\n");
  return child;
}

describe("the lock of a cluster on one host", () => {
  it("has one holder at a time, and the next one after its release", async () => {
    const file = join(folder, "turns");
    let holders = 0;
    const turn = async () => {
      const lock = await takeLock(file, 20);
      try {
        holders++;
        assert.equal(holders, 1);
        await new Promise((resolve) => setTimeout(resolve, 20));
        holders--;
      } finally {
        lock.release();
      }
    };
    await Promise.all(Array.from({ length: 8 }, turn));
  });

  it("is waited for, and not longer than its deadline", async () => {
    const file = join(folder, "waits");
    const first = await takeLock(file, 1);
    const started = performance.now();
    await assert.rejects(takeLock(file, 0.5), /still held it after 0.5 s/);
    const waited = performance.now() - started;
    assert.ok(waited > 400 && waited < 5000, `${waited} ms`);
    const later: Promise<Lock> = takeLock(file, 20);
    const early = await Promise.race([
      later.then(() => "had"),
      new Promise((wake) => setTimeout(wake, 300, "waiting")),
    ]);
    assert.equal(early, "waiting");
    first.release();
    (await later).release();
  });

  it("is free after its holder was killed by any signal", async () => {
    for (const signal of ["SIGKILL", "SIGTERM"] as const) {
      const file = join(folder, signal);
      const holder = await otherHolder(file);
      await assert.rejects(takeLock(file, 0.1));
      holder.kill(signal);
      await once(holder, "exit");
      (await takeLock(file, 10)).release();
    }
  });

  it("rejects at once if its folder is missing", async () => {
    const started = performance.now();
    await assert.rejects(
      takeLock(join(folder, "no", "such", "folder"), 10),
      /can't take the lock .*: flock ended with 66/,
    );
    assert.ok(performance.now() - started < 5000);
  });
});
