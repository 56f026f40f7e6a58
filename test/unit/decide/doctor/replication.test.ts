import assert from "node:assert/strict";
import { it } from "node:test";
import type { DoctorFacts } from "../../../../src/model/doctor.ts";
import { found, good, lines, nodeOf, reportOf, setting } from "./facts.ts";

it("redis.conf parks the server, and nothing else will do", () => {
  const says = (replicaof: string | undefined) =>
    found("replicaof", ({ host }) => {
      host.redisConf = { value: { file: "/etc/redis.conf", replicaof } };
    });
  assert.deepEqual(says("127.0.0.1 1"), []);
  assert.deepEqual(says(undefined), ["danger server11: /etc/redis.conf has no replicaof line"]);
  assert.deepEqual(says("192.0.2.12 6379"), ["danger server11: /etc/redis.conf says replicaof 192.0.2.12 6379"]);
});

it("what an empty or a foreign replicaof line costs is not the same", () => {
  const why = (replicaof: string | undefined) =>
    reportOf("replicaof", ({ host }) => {
      host.redisConf = { value: { file: "/etc/redis.conf", replicaof } };
    }).findings[0]?.why;
  assert.match(why(undefined) ?? "", /^A master that restarts empty/);
  assert.match(why("192.0.2.12 6379") ?? "", /^At its start the server overwrites its data/);
});

it("a Redis may announce the address that the cluster file has", () => {
  const announces = (address: string) =>
    found("announce-ip", (facts) => setting(facts, 1, "replica-announce-ip", address));
  assert.deepEqual(announces(""), []);
  assert.deepEqual(announces("192.0.2.12"), []);
  assert.equal(announces("192.0.2.11").length, 1);
});

it("the limits of memory are the same on all nodes", () => {
  const change = (facts: DoctorFacts) => {
    facts.nodes.push({ ...structuredClone(nodeOf(good(), 1)), name: "server13" });
    setting(facts, 1, "maxmemory", "1000");
    setting(facts, 1, "maxmemory-policy", "allkeys-lru");
  };
  assert.deepEqual(found("maxmemory", change), [
    "danger server12: maxmemory is 0 on server11 and 1000 on server12",
    "danger server12: maxmemory-policy is noeviction on server11 and allkeys-lru on server12",
  ]);
  assert.deepEqual(lines("maxmemory", change), ["maxmemory 0", "maxmemory-policy noeviction"]);
});

it("Redis frees large keys in the background, for each way to free them", () => {
  const names = ["lazyfree-lazy-user-del", "lazyfree-lazy-user-flush", "replica-lazy-flush"];
  const change = (facts: DoctorFacts) => {
    for (const name of names) setting(facts, 0, name, "no");
  };
  assert.deepEqual(
    found("lazy-free", change),
    names.map((name) => `advice server11: the Redis of server11 has ${name} no`),
  );
});

it("a setting that a server does not have is nothing wrong", () => {
  const facts = good();
  for (const { settings } of facts.nodes) if ("value" in settings) settings.value = {};
  const checks = ["bind", "read-only", "replica-priority", "backlog-size", "output-buffer", "maxmemory", "lazy-free"];
  for (const check of checks) {
    const { findings, not_known } = reportOf(check, (other) => Object.assign(other, facts));
    assert.deepEqual([findings, not_known], [[], []], check);
  }
});
