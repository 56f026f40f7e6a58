import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { TransitionNotice } from "../../src/model/notice.ts";
import type { TestCluster } from "./cluster.ts";
import { makeReplica, withPair } from "./redis-pair.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-told-"));
after(() => rmSync(folder, { recursive: true }));
const command = join(folder, "command");
const told = join(folder, "notices");
writeFileSync(command, `#!/bin/sh\ncat >>${told}\n`, { mode: 0o755 });

const lastNotice = (): TransitionNotice => JSON.parse(readFileSync(told, "utf8").trim().split("\n").at(-1) ?? "");

async function metricsOf(pair: TestCluster, node: string): Promise<Map<string, number>> {
  const file = join(folder, "sessions.prom");
  const { code, stdout, stderr } = await pair.run("status", node, "--metrics", "--output", file);
  assert.deepEqual([code, stdout, stderr, statSync(file).mode & 0o777], [0, "", "", 0o644]);
  const samples = readFileSync(file, "utf8").matchAll(
    /^keepalived_redis_(\w+)\{cluster="sessions",node="\w+",?(.*)\} (\S+)$/gm,
  );
  return new Map(
    [...samples].map(([, name, labels, value]) => [labels ? `${name} ${labels}` : `${name}`, Number(value)]),
  );
}

describe("a transition", () => {
  it("is told to failover.on_transition, and counted in the metrics of status", () =>
    withPair({ failover: `on_transition = "${command}"` }, async (pair, server11, server12) => {
      await makeReplica(server11, server12);
      const before = await metricsOf(pair, "server11");
      assert.equal(before.get("master_link_up"), 1);
      assert.equal(before.get('peer_up peer="server12"'), 1);
      assert.equal(before.get('transitions_total transition="MASTER",result="done"'), 0);
      const ofMaster = await metricsOf(pair, "server12");
      assert.deepEqual([ofMaster.get("master"), ofMaster.get('writes state="accepted"')], [1, 1]);

      await server12.kill();
      assert.equal((await pair.run("notify-master", "server11")).code, 0);
      const { when, duration_ms, rows, steps, ...notice } = lastNotice();
      assert.deepEqual(notice, {
        ...{ version: 1, cluster: "sessions", node: "server11", vip: "192.0.2.120", transition: "MASTER" },
        ...{ result: "done", holder: false, why: null, remedy: null, missing: null, kept: [] },
      });
      assert.ok(duration_ms > 0 && Math.abs(Date.parse(when) - Date.now()) < 60_000);
      assert.match(rows.at(-1) ?? "", /promote|master/);
      assert.ok(steps.includes("make server11 a master"), steps.join());

      const after = await metricsOf(pair, "server11");
      assert.deepEqual([after.get("master"), after.get("redis_up"), after.get('peer_up peer="server12"')], [1, 1, 0]);
      assert.equal(after.get('transitions_total transition="MASTER",result="done"'), 1);
      const last = after.get('last_transition_timestamp_seconds transition="MASTER"') ?? 0;
      assert.ok(Math.abs(last - Date.parse(when) / 1000) < 5);
    }));

  it("that is refused is told with why and remedy, and in maintenance that nothing was changed", () =>
    withPair({ failover: `on_transition = "${command}"` }, async (pair, server11) => {
      await server11.kill();
      assert.equal((await pair.run("notify-master", "server11")).code, 1);
      const refused = lastNotice();
      assert.equal(refused.result, "refused");
      assert.match(`${refused.why} ${refused.remedy}`, /ECONNREFUSED.*recover-master/);
      const metrics = await metricsOf(pair, "server11");
      assert.deepEqual([metrics.get("redis_up"), metrics.has("master")], [0, false]);
      assert.equal(metrics.get('transitions_total transition="MASTER",result="refused"'), 1);

      writeFileSync(pair.paths.maintenance, "");
      assert.equal((await pair.run("notify-master", "server11")).code, 0);
      assert.deepEqual([lastNotice().result, lastNotice().steps], ["maintenance", []]);
      assert.equal((await metricsOf(pair, "server11")).get("maintenance"), 1);
    }));
});

describe("status --metrics", () => {
  it("says what it can't write, and which options go together", () =>
    withPair({}, async (pair) => {
      const nowhere = await pair.run("status", "server11", "--metrics", "--output", "/nowhere/x.prom");
      assert.deepEqual([nowhere.code, nowhere.stdout], [1, ""]);
      assert.match(nowhere.stderr, /^status: can't write \/nowhere\/x\.prom: ENOENT\n {2}name another place/);
      for (const args of [
        ["--output", "x"],
        ["--metrics", "--json"],
      ])
        assert.equal((await pair.run("status", "server11", ...args)).code, 2);
      const printed = await pair.run("status", "server11", "--metrics");
      assert.match(printed.stdout, /^# HELP keepalived_redis_build_info /);
    }));
});
