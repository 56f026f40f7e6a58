import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { complete, empty } from "../../../src/decide/may-serve.ts";
import type { Observed } from "../../../src/model/observation.ts";
import { keysByDatabase, parseInfo } from "../../../src/redis/info.ts";

// As Redis 7.0.15 gave them: the sections that matter, with the test's addresses in place of the real ones. valkey-master.txt is
// master.txt with the lines that Valkey 8.1 has in place of Redis' own.
const folder = fileURLToPath(new URL("info", import.meta.url));
const text = (name: string): string => readFileSync(`${folder}/${name}.txt`, "utf8");

function seen(name: string): Observed {
  const found = parseInfo(text(name));
  assert.ok(found, name);
  return { kind: "observed", ...found };
}

/** What decisions look at, on one line. */
function inWords(one: Observed): string {
  const { role, keys, history, source, replicas, loading } = one;
  return [
    role,
    `${keys} keys at ${history.offset}`,
    ...(history.previous ? [`another history until ${history.previous.until}`] : []),
    ...(history.uncounted ? ["uncounted"] : []),
    ...(source ? [`of ${source.host}:${source.port}`, `link ${source.link}`] : []),
    ...(source?.progress ? [`${source.progress.bytes} of ${source.progress.total} bytes copied`] : []),
    ...replicas.map(
      ({ host, port, online, offset }) => `${host}:${port} ${online ? "online" : "not yet"} at ${offset}`,
    ),
    ...(loading ? [`loading, ${loading.eta_s} s to go`] : []),
    ...(complete(one) ? ["complete"] : []),
    ...(empty(one) ? ["empty"] : []),
  ].join(", ");
}

const readings: Record<string, string> = {
  "empty-master": "master, 0 keys at 0, uncounted, complete, empty",
  master: "master, 5001 keys at 50, 192.0.2.12:6379 online at 50, complete",
  "valkey-master": "master, 5001 keys at 50, 192.0.2.12:6379 online at 50, complete",
  replica: "replica, 5001 keys at 50, of 192.0.2.11:6379, link up, complete",
  promoted: "master, 5002 keys at 100, another history until 50, complete",
  // Nothing is known of a data set that was never copied from anyone, even where both offsets say 0.
  "never-synced": "replica, 0 keys at 0, of 127.0.0.9:1, link down, empty",
  "amid-full-copy": "replica, 1 keys at 0, of 192.0.2.11:6379, link down, 3604480 of 101045271 bytes copied",
  // What it had before is untouched: the copy had not come to be loaded.
  "full-copy-broke": "replica, 1 keys at 0, of 192.0.2.11:6379, link down, complete",
  // Started as a replica from a snapshot, promoted, parked; it took 50 writes as a master.
  "parked-without-backlog":
    "replica, 100 keys at 1519, another history until 1519, uncounted, of 127.0.0.1:1, link down, complete",
  // REPLICAOF 127.0.0.1 1
  parked: "replica, 5001 keys at 50, of 127.0.0.1:1, link down, complete",
  loading: "master, 94 keys at 0, loading, 1 s to go",
  "master-restarted-from-rdb": "master, 5002 keys at 100, another history until 100, complete",
  "replica-restarted-from-rdb": "replica, 5002 keys at 100, of 127.0.0.1:1, link down, complete",
};

describe("what INFO says", () => {
  for (const [name, expected] of Object.entries(readings)) {
    it(name.replaceAll("-", " "), () => assert.equal(inWords(seen(name)), expected));
  }

  it("every recorded text is read above", () => {
    assert.deepEqual(
      readdirSync(folder).sort(),
      Object.keys(readings)
        .map((name) => `${name}.txt`)
        .sort(),
    );
  });

  it("ids, version and uptime", () => {
    const { history, runId, server, version, uptime_s } = seen("promoted");
    assert.match(history.id, /^[0-9a-f]{40}$/);
    assert.equal(history.previous?.id, seen("replica").history.id);
    assert.match(runId, /^[0-9a-f]{40}$/);
    assert.equal(`${server} ${version}`, "redis 7.0.15");
    assert.ok(uptime_s >= 0);
  });

  it("the version of Valkey, which always reports redis_version 7.2.4", () => {
    const { server, version } = seen("valkey-master");
    assert.equal(`${server} ${version}`, "valkey 8.1.1");
  });

  it("either of Valkey's two lines tells that it is Valkey", () => {
    const without = (line: RegExp) => {
      const { server, version } = parseInfo(text("valkey-master").replace(line, "")) ?? {};
      return `${server} ${version}`;
    };
    assert.equal(without(/server_name:.*\r?\n/), "valkey 8.1.1");
    assert.equal(without(/valkey_version:.*\r?\n/), "valkey 7.2.4");
  });

  it("keys of each database", () => {
    const info = text("master").replace(/db0:.*/, "db0:keys=7,expires=0,avg_ttl=0\r\ndb13:keys=5,expires=5,avg_ttl=9");
    assert.deepEqual(keysByDatabase(info), { "0": 7, "13": 5 });
    assert.equal(parseInfo(info)?.keys, 12);
  });

  it("line breaks of either kind", () => {
    assert.deepEqual(parseInfo(text("replica").replaceAll("\r\n", "\n")), parseInfo(text("replica")));
  });
});

describe("any text in place of INFO", () => {
  const known = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, "utf8"));
  /** A real one with pieces cut out, doubled or replaced by noise. */
  const damaged = fc
    .tuple(
      fc.constantFrom(...known),
      fc.array(
        fc.tuple(
          fc.nat(3000),
          fc.nat(80),
          fc.oneof(fc.string(), fc.constantFrom("\r\n", ":", ",", "=", "-1", "1e999")),
        ),
        {
          maxLength: 8,
        },
      ),
    )
    .map(([info, damages]) =>
      damages.reduce((left, [start, length, noise]) => left.slice(0, start) + noise + left.slice(start + length), info),
    );

  it("is read, or is none: nothing is thrown, and no number is NaN where offsets are compared", () => {
    fc.assert(
      fc.property(
        fc.oneof(damaged, fc.string({ maxLength: 400 }), fc.string({ unit: "binary", maxLength: 400 })),
        (info) => {
          const found = parseInfo(info);
          if (!found) return;
          const { history, keys, uptime_s, source } = found;
          for (const number of [history.offset, keys, uptime_s, history.previous?.until ?? 0, source?.port ?? 0])
            assert.ok(Number.isFinite(number), info);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
