import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { metricsFactsOf } from "../../../src/admin/status/metrics-facts.ts";
import { exposition, metricsTable, processMetrics } from "../../../src/metrics/exposition.ts";
import type { TransitionCount } from "../../../src/model/host-report.ts";
import type { MetricsFacts } from "../../../src/model/metrics.ts";
import { promtool, withoutPromtool } from "../../promtool.ts";
import { gathered, worlds } from "../decide/status/gathered.ts";

function factsIn(world: string, from: "server11" | "server12"): MetricsFacts {
  const found = worlds[world];
  assert.ok(found, world);
  return metricsFactsOf(gathered(found, from));
}

/** The samples of this node, without the labels that all have. */
async function samplesOf(facts: MetricsFacts): Promise<Map<string, number>> {
  const lines = (await exposition([facts])).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const common = new RegExp(`cluster="sessions",node="${facts.node}",?`);
  return new Map(
    lines.map((line) => {
      assert.match(line, common);
      const [, name = "", value] = /^keepalived_redis_(.*) (\S+)$/.exec(line.replace(common, "")) ?? [];
      return [name.replace("{}", ""), Number(value)];
    }),
  );
}

/** Asserts these samples; undefined: there is none. */
async function has(facts: MetricsFacts, wanted: Record<string, number | undefined>): Promise<void> {
  const samples = await samplesOf(facts);
  const found = Object.fromEntries(Object.keys(wanted).map((name) => [name, samples.get(name)]));
  assert.deepEqual(found, wanted);
}

describe("the metrics", () => {
  it("of a master with the virtual IP", () =>
    has(factsIn("good", "server11"), {
      ...{ holder: 1, keepalived_up: 1, agent_up: 1, 'fit{cause="master"}': 1, maintenance: 0, draining: 0 },
      ...{ 'vrrp_state{state="MASTER"}': 1, 'vrrp_state{state="FAULT"}': 0, vrrp_priority: 254 },
      ...{ redis_up: 1, master: 1, 'writes{state="accepted"}': 1, 'writes{state="refused"}': 0, keys: 100 },
      ...{ replicas_in_sync: 1, 'replica_lag_bytes{replica="server12"}': 0, 'peer_up{peer="server12"}': 1 },
      ...{ 'replica_lag_seconds{replica="server12"}': 0, replication_offset_bytes: 5000, master_link_up: undefined },
      ...{ kept_files: 0, kept_files_not_applied: 0 },
    }));

  it("of its replica", () =>
    has(factsIn("good", "server12"), {
      ...{
        holder: 0,
        master: 0,
        master_link_up: 1,
        replicas_in_sync: undefined,
        'writes{state="accepted"}': undefined,
      },
      ...{ 'vrrp_state{state="BACKUP"}': 1, 'fit{cause="replica"}': 1, 'peer_up{peer="server11"}': 1 },
    }));

  it("say nothing of a Redis that does not answer but that", () =>
    has(factsIn("master down, after the take-over", "server11"), {
      ...{ redis_up: 0, master: undefined, keys: undefined, 'fit{cause="refused"}': 0 },
    }));

  it("say nothing of what a dead Keepalived reported last", () =>
    has(factsIn("Keepalived dead on the holder, no agents", "server11"), {
      ...{ keepalived_up: 0, holder: 1, 'vrrp_state{state="MASTER"}': undefined, agent_up: undefined },
      'fit{cause="master"}': undefined,
    }));

  it("of a replica that is behind", async () => {
    const facts = factsIn("good", "server11");
    const { redis } = facts;
    assert.ok(redis?.seen.kind === "observed");
    const replicas = redis.seen.replicas.map((one) => ({ ...one, offset: 4000, lag_s: 7 }));
    await has(
      { ...facts, redis: { seen: { ...redis.seen, replicas }, goodReplicas: 0 } },
      {
        ...{ 'replica_lag_bytes{replica="server12"}': 1000, 'replica_lag_seconds{replica="server12"}': 7 },
        ...{ replicas_in_sync: 0, 'writes{state="refused"}': 1, 'writes{state="accepted"}': 0 },
      },
    );
  });

  it("of an agent that hangs, of maintenance, of what is kept", async () => {
    await has(factsIn("agent hung", "server11"), { agent_up: 0 });
    await has(factsIn("maintenance", "server11"), { maintenance: 1 });
    const facts = factsIn("good", "server11");
    const kept = { files: 3, not_applied: 2, newest: null };
    await has(
      { ...facts, host: { ...facts.host, kept, drain: "yes" } },
      { kept_files: 3, kept_files_not_applied: 2, draining: 1 },
    );
  });

  it("count transitions by kind and result, those that never were as 0", async () => {
    const facts = factsIn("good", "server11");
    const counts: TransitionCount[] = [
      { transition: "MASTER", result: "done", count: 3, last_s: 1000, last_duration_s: 0.02 },
      { transition: "MASTER", result: "refused", count: 1, last_s: 2000, last_duration_s: 0.5 },
    ];
    await has(
      { ...facts, host: { ...facts.host, transitions: counts } },
      {
        'transitions_total{transition="MASTER",result="done"}': 3,
        'transitions_total{transition="MASTER",result="refused"}': 1,
        'transitions_total{transition="FAULT",result="failed"}': 0,
        'last_transition_timestamp_seconds{transition="MASTER"}': 2000,
        'last_transition_duration_seconds{transition="MASTER"}': 0.5,
        'last_transition_timestamp_seconds{transition="BACKUP"}': undefined,
      },
    );
  });

  it("of two clusters stand under one HELP", async () => {
    const facts = factsIn("good", "server11");
    const text = await exposition([facts, { ...facts, cluster: "jobs" }]);
    assert.equal(text.match(/^# HELP keepalived_redis_holder /gm)?.length, 1);
    assert.equal(text.match(/^keepalived_redis_holder\{/gm)?.length, 2);
  });

  it("have each metric in some world, with the labels that it declares", async () => {
    const all = Object.keys(worlds).flatMap((world) =>
      (["server11", "server12"] as const).map((from) => factsIn(world, from)),
    );
    const transitions: TransitionCount[] = [
      { transition: "STOP", result: "done", count: 1, last_s: 1, last_duration_s: 1 },
    ];
    const told = all.map((facts) => ({
      ...facts,
      host: { ...facts.host, transitions, cluster_file: "0123456789abcdef" },
    }));
    for (const { name, labels = [], samples } of metricsTable) {
      const found = told.flatMap(samples);
      assert.ok(found.length > 0, name);
      for (const sample of found) assert.deepEqual(Object.keys(sample.labels ?? {}), labels, name);
    }
  });

  it("are what promtool takes for well named", { skip: withoutPromtool }, async () => {
    const text = (await exposition([factsIn("good", "server11")])) + (await processMetrics());
    const { good, output } = promtool(["check", "metrics"], text);
    assert.ok(good, output);
    assert.equal(output, "");
  });
});
