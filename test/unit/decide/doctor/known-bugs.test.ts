import assert from "node:assert/strict";
import { it } from "node:test";
import type { RedisFacts } from "../../../../src/model/doctor.ts";
import { found, info, reportOf } from "./facts.ts";

const bugsIn = (server: RedisFacts["server"], version: string) =>
  reportOf("known-bugs", (facts) => info(facts, 1, { server, version })).findings;

const withBug = [
  ...["6.2.0", "6.2.5", "7.0.0", "7.2.0", "7.2.2", "8.2.0"].map((version) => ["redis", version] as const),
  ...["8.0.0", "8.0.1"].map((version) => ["valkey", version] as const),
];

it("knows from which version on a bug is there, and in which one it is mended", () => {
  for (const version of ["6.0.16", "6.2.6", "6.2.20", "7.0.1", "7.0.15", "7.2.3", "8.0.0", "8.2.1"])
    assert.deepEqual(bugsIn("redis", version), [], version);
  for (const version of ["7.2.9", "8.0.2", "8.2.0"]) assert.deepEqual(bugsIn("valkey", version), [], version);
  for (const [server, version] of withBug) assert.equal(bugsIn(server, version).length, 1, version);
});

it("loses writes or the configuration: a danger. Needs an unusual setting, or costs disk space: advice", () => {
  const versionsOf = (severity: "danger" | "advice") =>
    withBug
      .filter(([server, version]) => bugsIn(server, version)[0]?.severity === severity)
      .map(([, version]) => version);
  assert.deepEqual(versionsOf("danger"), ["6.2.0", "6.2.5", "7.0.0"]);
  assert.deepEqual(versionsOf("advice"), ["7.2.0", "7.2.2", "8.2.0", "8.0.0", "8.0.1"]);
});

it("says where one can read about the bug", () => {
  assert.equal(
    bugsIn("valkey", "8.0.0")[0]?.what,
    "server12 runs Valkey 8.0.0, and a bug is mended in 8.0.2 (the release notes of Valkey 8.0.2)",
  );
  for (const [server, version] of withBug)
    assert.match(
      bugsIn(server, version)[0]?.what ?? "",
      /^server12 runs (Redis|Valkey) .* \((redis#\d+|the release notes .*)\)$/,
    );
});

it("Node.js is as new as the one that the executables were tried with", () => {
  const runs = (version: string) =>
    found("known-bugs", ({ host }) => {
      host.nodeVersion = version;
    });
  assert.deepEqual(runs("20.19.0"), []);
  assert.deepEqual(runs("20.18.3"), [
    "danger server11: server11 runs Node.js 20.18.3, and a bug is mended in 20.19 (README.md)",
  ]);
});
