import assert from "node:assert/strict";
import { it } from "node:test";
import type { DoctorFacts, RedisFacts } from "../../../../src/model/doctor.ts";
import { found, info, nodeOf, none, reportOf } from "./facts.ts";

it("one silent witness is worth an advice, and all of them are a danger", () => {
  const silent = (...answers: boolean[]) =>
    found("witnesses", (facts) => {
      facts.witnesses = answers.map((one, index) => ({ address: `192.0.2.${index + 1}:53`, answers: one }));
    });
  assert.deepEqual(silent(), []);
  assert.deepEqual(silent(true, true), []);
  assert.deepEqual(silent(true, false), ["advice server11: the witness 192.0.2.2:53 does not answer server11"]);
  assert.deepEqual(silent(false, false), [
    "danger server11: the witness 192.0.2.1:53 does not answer server11",
    "danger server11: the witness 192.0.2.2:53 does not answer server11",
  ]);
});

it("says what it costs that a witness is silent", () => {
  const why = (answers: boolean) =>
    reportOf("witnesses", (facts) => {
      facts.witnesses = [
        { address: "192.0.2.1:53", answers: false },
        { address: "192.0.2.2:53", answers },
      ];
    }).findings[0]?.why ?? "";
  assert.match(why(true), /^The other witnesses decide alone/);
  assert.match(why(false), /^A node that reaches no witness is cut off/);
});

it("the quarantine has room for a dump of the largest data set", () => {
  const full = (bytes: number, ...memory_bytes: [number, number]) =>
    found("disk-space", (facts) => {
      facts.host.free = { value: { folder: "/var/lib", bytes } };
      for (const index of [0, 1] as const) info(facts, index, { memory_bytes: memory_bytes[index] });
    });
  assert.deepEqual(full(2000, 1000, 2000), []);
  assert.deepEqual(full(1999, 1000, 2000), [
    "danger server11: 1999 bytes are free in /var/lib, a dump needs up to 2000",
  ]);
});

it("a data set whose size is not known needs no room that is known", () => {
  const change = (facts: DoctorFacts) => {
    facts.host.free = { value: { folder: "/var/lib", bytes: 0 } };
    for (const index of [0, 1] as const) nodeOf(facts, index).info = none;
  };
  assert.deepEqual(found("disk-space", change), []);
});

type Version = [server: RedisFacts["server"], version: string];

const versions = (...both: [Version, Version]) =>
  found("redis-version", (facts) => {
    for (const index of [0, 1] as const) {
      const [server, version] = both[index];
      info(facts, index, { server, version });
    }
  });

it("a Redis before 6.2 is too old, a Valkey never", () => {
  assert.deepEqual(versions(["redis", "6.0.16"], ["redis", "6.2.0"]), ["danger server11: server11 runs Redis 6.0.16"]);
  assert.deepEqual(versions(["valkey", "5.0.0"], ["valkey", "5.0.0"]), []);
});

it("nodes have the same minor version of the same server; the older one is to be upgraded", () => {
  assert.deepEqual(versions(["redis", "7.0.1"], ["redis", "7.0.15"]), []);
  assert.deepEqual(versions(["redis", "7.2.0"], ["redis", "7.0.15"]), [
    "danger server12: server12 runs redis 7.0.15, another node 7.2.0",
  ]);
  assert.deepEqual(versions(["valkey", "7.2.9"], ["valkey", "8.0.2"]), [
    "danger server11: server11 runs valkey 7.2.9, another node 8.0.2",
  ]);
  assert.deepEqual(versions(["redis", "7.0.15"], ["valkey", "8.0.2"]), []);
});

it("Keepalived is 2.2 or newer", () => {
  const tooOld = (value: string) =>
    found("keepalived-version", (facts) => {
      facts.host.keepalivedVersion = { value };
    }).length === 1;
  assert.deepEqual(["2.1.5", "2.0.20", "2.2.0", "2.3.1", "3.0.0"].filter(tooOld), ["2.1.5", "2.0.20"]);
});

it("clocks differ by less than a second, as exactly as that is known", () => {
  const clock = (ahead_ms: number, within_ms: number) =>
    found("clock", (facts) => {
      nodeOf(facts, 1).clock = { value: { ahead_ms, within_ms } };
    });
  assert.deepEqual(clock(1049, 50), []);
  assert.deepEqual(clock(-1049, 50), []);
  assert.deepEqual(clock(1050, 50), ["advice server12: the clock of server12 differs by 1.1 s from that of server11"]);
  assert.deepEqual(clock(-1060, 50), [
    "advice server12: the clock of server12 differs by -1.1 s from that of server11",
  ]);
  assert.deepEqual(clock(2340, 0), ["advice server12: the clock of server12 differs by 2.3 s from that of server11"]);
});
