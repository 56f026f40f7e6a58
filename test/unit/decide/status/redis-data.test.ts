import assert from "node:assert/strict";
import { it } from "node:test";
import type { ConnectedReplica, Source } from "../../../../src/model/observation.ts";
import { at, hosts, master, replica } from "../situations.ts";
import { changed, reported, silent, withServer13 } from "./changed.ts";

const listed = (name: string, more: Partial<ConnectedReplica> = {}): ConnectedReplica => ({
  ...{ host: hosts[name] ?? name, port: 6379, online: true, offset: 5000, lag_s: 0 },
  ...more,
});

it("a replica that does not answer is described by its master", () => {
  const input = changed((nodes) => {
    nodes.server12.redis.seen = silent;
  });
  const { redis, link, lag } = reported(input, "server12");
  assert.deepEqual(
    [redis.value, link, lag],
    [
      null,
      { value: { state: "up", of: "server11", down_s: null, percent: null }, via: "master", age_s: 0 },
      { value: { bytes: 0, seconds: 0 }, via: "master", age_s: 0 },
    ],
  );
});

/** server12 does not answer, and its master lists these replicas. */
const bySource = (...replicas: ConnectedReplica[]) =>
  reported(
    changed(({ server11, server12 }) => {
      server12.redis.seen = silent;
      server11.redis.seen = master(at(5000), { replicas });
    }),
    "server12",
  );

it("a master knows how far behind a replica is, and since when it is silent", () => {
  const { link, lag } = bySource(listed("server12", { offset: 4000, lag_s: 30 }));
  assert.deepEqual(link.value, { state: "down", of: "server11", down_s: 30, percent: null });
  assert.deepEqual(lag.value, { bytes: 1000, seconds: 30 });
  assert.equal(bySource(listed("server12", { online: false })).link.value?.state, "down");
});

it("a replica is not ahead: its acknowledgement came after the master was asked", () =>
  assert.deepEqual(bySource(listed("server12", { offset: 5100 })).lag.value, { bytes: 0, seconds: 0 }));

it("of other replicas, at another address or port, a master tells nothing of this one", () => {
  for (const other of [listed("server13"), listed("server12", { port: 6380 })]) {
    const { link, lag } = bySource(other);
    assert.deepEqual([link.value, lag.value], [null, null]);
  }
});

it("the seconds of a replica are those of its own master, not of another node that lists it", () => {
  const input = changed(({ server11, server12 }, all) => {
    const server13 = withServer13(all);
    server11.redis.seen = master(at(9000, "b"), { replicas: [listed("server12", { lag_s: 40 })] });
    server13.redis.seen = master(at(5000), { replicas: [listed("server12", { lag_s: 2 })] });
    server12.redis.seen = replica("server13", at(5000));
  });
  assert.deepEqual(reported(input, "server12").lag.value, { bytes: 0, seconds: 2 });
});

it("a copy has whole percents, rounded down, once its size is known", () => {
  const percent = (progress: Source["progress"]) =>
    reported(
      changed(({ server12 }) => {
        const link = { link: "down", syncing: true, positioned: false, progress } as const;
        server12.redis.seen = replica("server11", at(0), { link });
      }),
      "server12",
    ).link.value?.percent;
  assert.equal(percent({ bytes: 0, total: 0 }), null);
  assert.equal(percent({ bytes: 1, total: 1 }), 100);
  assert.equal(percent({ bytes: 2, total: 3 }), 66);
});

it("a pause has whole seconds, rounded up", () => {
  const fence = (paused_ms: number | undefined) =>
    reported(
      changed(({ server11 }) => {
        server11.redis.paused_ms = paused_ms;
      }),
      "server11",
    ).fence;
  const why = (paused_ms: number) => fence(paused_ms).value?.why;
  assert.equal(why(1), "CLIENT PAUSE, for 1 s");
  assert.equal(why(3001), "CLIENT PAUSE, for 4 s");
  assert.equal(why(0), "");
  assert.deepEqual(fence(undefined), { value: null, unknown: "this version does not tell of a CLIENT PAUSE" });
});

it("that writes are refused shows in all versions", () => {
  const { fence } = reported(
    changed(({ server11 }) => {
      Object.assign(server11.redis, { paused_ms: undefined, goodReplicas: 0 });
    }),
    "server11",
  );
  assert.equal(fence.value?.writes, "refused");
});

it("names the server as people do", () => {
  const server = (name: "redis" | "valkey", version: string) =>
    reported(
      changed(({ server12 }) => {
        server12.redis.seen = replica("server11", at(5000), { server: name, version });
      }),
      "server12",
    ).redis.value?.server;
  assert.deepEqual([server("redis", "7.0.15"), server("valkey", "8.0.2")], ["Redis 7.0.15", "Valkey 8.0.2"]);
});
