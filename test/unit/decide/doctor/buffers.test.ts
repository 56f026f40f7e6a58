import assert from "node:assert/strict";
import { it } from "node:test";
import type { DoctorFacts } from "../../../../src/model/doctor.ts";
import { found, info, lines, nodeOf, none, setting } from "./facts.ts";

const MiB = 1024 ** 2;

/** server11 has this backlog, and its clients write so many bytes in a second. */
const backlog = (size: number, written_bytes_per_s: number | undefined) => (facts: DoctorFacts) => {
  setting(facts, 0, "repl-backlog-size", String(size));
  for (const index of [0, 1] as const) info(facts, index, { written_bytes_per_s: undefined });
  info(facts, 0, { written_bytes_per_s });
};

it("a backlog holds the writes of a minute; one of less than 10 s is a danger", () => {
  const severity = (size: number) => found("backlog-size", backlog(size, 1e6))[0]?.split(" ")[0];
  assert.equal(severity(60e6), undefined);
  assert.equal(severity(60e6 - 1), "advice");
  assert.equal(severity(10e6), "advice");
  assert.equal(severity(10e6 - 1), "danger");
});

it("a backlog is larger than the default one, however little is written", () => {
  for (const written of [undefined, 0, 1]) {
    assert.deepEqual(found("backlog-size", backlog(MiB + 1, written)), []);
    assert.deepEqual(lines("backlog-size", backlog(MiB, written)), ["repl-backlog-size 64mb"]);
  }
});

it("says how long a backlog lasts, if that was measured", () => {
  const said = (written: number | undefined) => found("backlog-size", backlog(MiB, written));
  assert.deepEqual(said(undefined), ["advice server11: the backlog of server11 holds 1048576 bytes"]);
  assert.deepEqual(said(1), [
    "advice server11: the backlog of server11 holds 1048576 bytes, 1048576 s of the 1 bytes written in a second",
  ]);
  assert.deepEqual(said(99_999.6), [
    "advice server11: the backlog of server11 holds 1048576 bytes, 10 s of the 100000 bytes written in a second",
  ]);
});

it("wants a backlog for a minute of what is written on any node, and 64 MiB at least", () => {
  const wanted = (written_bytes_per_s: number) =>
    lines("backlog-size", (facts) => {
      backlog(MiB, 1000)(facts);
      info(facts, 1, { written_bytes_per_s });
    })[0];
  assert.equal(wanted(MiB), "repl-backlog-size 64mb");
  assert.equal(wanted(2 * MiB), "repl-backlog-size 120mb");
  assert.equal(wanted(2 * MiB + 1), "repl-backlog-size 121mb");
});

it("does not know what is written on a node that was not asked", () => {
  const change = (facts: DoctorFacts) => {
    backlog(MiB, undefined)(facts);
    for (const index of [0, 1] as const) nodeOf(facts, index).info = none;
  };
  assert.deepEqual(found("backlog-size", change), ["advice server11: the backlog of server11 holds 1048576 bytes"]);
  assert.deepEqual(lines("backlog-size", change), ["repl-backlog-size 64mb"]);
});

interface Copy {
  /** As CONFIG GET says it. */
  limit: string;
  memory_bytes?: number;
  written: number;
  backlog?: number;
}

/** The output buffer of server11 overflows while its data set is copied. */
const overflows = ({ limit, memory_bytes = 0, written, backlog = 0 }: Copy): boolean =>
  found("output-buffer", (facts) => {
    setting(facts, 0, "client-output-buffer-limit", `normal 0 0 0 ${limit} pubsub 33554432 8388608 60`);
    setting(facts, 0, "repl-backlog-size", String(backlog));
    setting(facts, 1, "client-output-buffer-limit", "");
    info(facts, 0, { memory_bytes, written_bytes_per_s: written });
  }).length === 1;

it("an output buffer holds what is written during a full copy, which takes 5 s at least", () => {
  assert.equal(overflows({ limit: "slave 100000000 0 0", written: 20e6 }), false);
  assert.equal(overflows({ limit: "slave 100000000 0 0", written: 20e6 + 1 }), true);
  assert.equal(overflows({ limit: "replica 100000000 0 0", written: 20e6 + 1 }), true);
});

it("a full copy takes 1 s for each 50 MB", () => {
  const copy = { limit: "slave 100000000 0 0", memory_bytes: 500e6 };
  assert.equal(overflows({ ...copy, written: 10e6 }), false);
  assert.equal(overflows({ ...copy, written: 10e6 + 1 }), true);
});

it("the lower limit counts if the copy takes longer than it allows", () => {
  const soft = { limit: "slave 0 100000000 60", written: 20e6 };
  assert.equal(overflows({ ...soft, memory_bytes: 500e6 }), false);
  assert.equal(overflows({ ...soft, memory_bytes: 3000e6 }), false);
  assert.equal(overflows({ ...soft, memory_bytes: 3000e6 + 1 }), true);
  assert.equal(overflows({ ...soft, memory_bytes: 4000e6, written: 1 }), false);
});

it("no limit is no danger, and one below the size of the backlog has no effect", () => {
  const written = 1e9;
  assert.equal(overflows({ limit: "slave 0 0 0", written }), false);
  assert.equal(overflows({ limit: "", written }), false);
  assert.equal(overflows({ limit: "slave 1000 0 0", written, backlog: 5e9 }), false);
  assert.equal(overflows({ limit: "slave 1 0 0", written, backlog: 5e9 - 1 }), true);
});

it("says how much is written during the copy", () => {
  const said = found("output-buffer", (facts) => {
    setting(facts, 1, "client-output-buffer-limit", "");
    info(facts, 0, { memory_bytes: 0, written_bytes_per_s: 99_999_999.9 });
  });
  assert.deepEqual(said, [
    "danger server11: clients write 500000000 bytes while server11 is copied, and its output buffer for a replica is smaller",
  ]);
});

it("frees the backlog: a danger on a master, and advice where the role is not known", () => {
  const severity = (change: (facts: DoctorFacts) => void) =>
    found("backlog-ttl", (facts) => {
      setting(facts, 0, "repl-backlog-ttl", "3600");
      change(facts);
    })[0]?.split(" ")[0];
  assert.equal(
    severity(() => undefined),
    "danger",
  );
  assert.equal(
    severity((facts) => Object.assign(nodeOf(facts, 0), { info: none })),
    "advice",
  );
});

it("with more than one replica the wait for all of them is as it should be", () => {
  const delayed = (more: boolean) =>
    found("diskless-delay", (facts) => {
      setting(facts, 1, "repl-diskless-sync-delay", "5");
      if (more) facts.nodes.push({ ...nodeOf(facts, 1), name: "server13" });
    });
  assert.deepEqual(delayed(false), ["advice server12: the Redis of server12 waits 5 s before a full copy"]);
  assert.deepEqual(delayed(true), []);
});
