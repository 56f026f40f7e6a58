import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { NodeContext } from "../../../src/cluster/context.ts";
import { loadCluster } from "../../../src/cluster/load.ts";
import { pathsOf } from "../../../src/cluster/paths.ts";
import { noticeOf } from "../../../src/failover/notice.ts";
import { runNotifyCommand } from "../../../src/failover/notify-command.ts";
import type { Ended } from "../../../src/failover/outcome.ts";
import { silentLog } from "../../../src/log/log.ts";
import type { Step } from "../../../src/model/plan.ts";
import { minimal, under } from "../cluster/cluster-files.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-notice-"));
after(() => rmSync(folder, { recursive: true }));

const source = { name: "server12", host: "192.168.1.113", port: 6379 };
const keep: Step = { do: "quarantine", source, because: "the other one stays", bytes: 120 };
const ended: Ended = {
  plans: [
    { row: "a first row", steps: [keep], again: true },
    { row: "a second row", steps: [{ do: "follow", at: { ...source, name: "server11" }, source }] },
  ],
  result: "done",
  duration_ms: 12.5,
};

let runs = 0;
/** A cluster with this shell script as its command, and what it has logged. */
async function contextWith(script: string) {
  const own = join(folder, String(runs++));
  mkdirSync(own);
  const command = join(own, "command");
  writeFileSync(command, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const file = join(own, "cluster.toml");
  const lines = `on_transition = "${command}"`;
  writeFileSync(file, under("paths", `data = "${own}"`, under("failover", lines, minimal)));
  const { cluster } = await loadCluster(file);
  const [node] = cluster.nodes;
  assert.ok(node);
  const logged: object[] = [];
  const log = { ...silentLog, warn: (event: string, _: string, fields?: object) => logged.push({ event, ...fields }) };
  const context = { file, cluster, node, password: undefined, paths: pathsOf(cluster), log } as unknown as NodeContext;
  return { own, context, logged };
}

const at_ms = Date.parse("2026-11-27T03:00:00.000Z");
const of = (context: NodeContext, outcome: Ended) =>
  noticeOf(context, "BACKUP", { ...outcome, result: "done" }, false, at_ms);

describe("failover.on_transition", () => {
  it("reads the notice as one line of JSON, beside its arguments and its environment", async () => {
    const { own, context, logged } = await contextWith(
      `cat >${folder}/read; echo "$* $KEEPALIVED_REDIS_WHY" >${folder}/told`,
    );
    const why = "it has no room";
    await runNotifyCommand(context, "BACKUP", { ...ended, result: "refused", why, remedy: "make room" });
    assert.deepEqual(logged, []);
    assert.equal(readFileSync(join(folder, "told"), "utf8"), `sessions server11 BACKUP refused ${why}\n`);
    const text = readFileSync(join(folder, "read"), "utf8");
    assert.equal(text.indexOf("\n"), text.length - 1);
    const { when, steps, ...notice } = JSON.parse(text);
    assert.ok(Math.abs(Date.parse(when) - Date.now()) < 60_000);
    assert.equal(steps.length, 2);
    assert.deepEqual(notice, {
      ...{ version: 1, cluster: "sessions", node: "server11", vip: "192.168.1.120" },
      ...{ transition: "BACKUP", result: "refused", duration_ms: 12.5, holder: false },
      rows: ["a first row", "a second row"],
      ...{ why, remedy: "make room", missing: null, kept: [] },
    });
    assert.ok(own);
  });

  it("may leave its standard input unread, whatever its length", async () => {
    const { context, logged } = await contextWith("exit 0");
    await runNotifyCommand(context, "MASTER", { ...ended, result: "failed", why: "x".repeat(100_000) });
    assert.deepEqual(logged, []);
  });

  it("may leave a process behind, which keeps its standard input", async () => {
    const { context, logged } = await contextWith("sleep 5 & exit 0");
    const started_ms = performance.now();
    await runNotifyCommand(context, "MASTER", ended);
    assert.ok(performance.now() - started_ms < 4000);
    assert.deepEqual(logged, []);
  });

  it("is ended at its deadline, also where it traps SIGTERM; the log says so", async () => {
    const { context, logged } = await contextWith("trap '' TERM\nwhile :; do sleep 0.1; done");
    await runNotifyCommand(context, "MASTER", ended, 300);
    assert.equal(logged.length, 1);
    assert.match(JSON.stringify(logged), /notify-command-failed.*SIGKILL/);
  });

  it("fails: the log says so", async () => {
    const { context, logged } = await contextWith("exit 3");
    await runNotifyCommand(context, "MASTER", ended);
    assert.match(JSON.stringify(logged), /notify-command-failed.*exit code 3/);
  });

  it("is not run for a transition that a newer one has stopped", async () => {
    const { context } = await contextWith(`touch ${folder}/superseded`);
    await runNotifyCommand(context, "MASTER", { ...ended, result: "superseded" });
    assert.throws(() => readFileSync(join(folder, "superseded")));
  });
});

describe("the notice", () => {
  const keptAt = async (when: string, more: object) => {
    const { context } = await contextWith("");
    mkdirSync(context.paths.quarantine, { recursive: true });
    const file = join(context.paths.quarantine, "000007-x.aof");
    writeFileSync(file, "");
    writeFileSync(file.replace(".aof", ".json"), JSON.stringify({ when, keys: 3, ...more }));
    return { file, kept: of(context, ended).kept, without: of(context, { ...ended, plans: [] }).kept };
  };

  it("names what this transition has kept", async () => {
    const { file, kept, without } = await keptAt("2026-11-27T02:59:59.995Z", { writes: { writes: 5 } });
    assert.deepEqual(kept, [{ id: 7, kind: "writes", file, writes: 5, keys: 3 }]);
    assert.deepEqual(without, []);
  });

  it("does not name what was kept before", async () => {
    assert.deepEqual((await keptAt("2026-11-27T02:59:59.900Z", { writes: { writes: 5 } })).kept, []);
  });

  it("says what the local data set is known to lack", async () => {
    const { context } = await contextWith("");
    assert.equal(of(context, { ...ended, missing: "9 bytes" }).missing, "9 bytes");
  });
});
