import assert from "node:assert/strict";
import { it } from "node:test";
import { at, gone, hosts, master, replica } from "../situations.ts";
import { changed, found, hidden, hostOf, silent, texts, withServer13 } from "./changed.ts";

const copying = { link: "down", syncing: true, positioned: false } as const;

it("a copy that has just begun has no percents", () => {
  const input = changed(({ server12 }) => {
    server12.redis.seen = replica("server11", at(0), { link: copying });
  });
  assert.deepEqual(texts(input), ["server12 copies the data set of server11"]);
});

it("one finding for one replica: a copy from another server is a copy, and a Redis that is down has no link", () => {
  const copies = changed(({ server12 }) => {
    server12.redis.seen = replica("192.0.2.99", at(0), { link: copying });
  });
  assert.deepEqual(found(copies), ["warning copying: status --watch"]);
  const down = changed(({ server11, server12 }) => {
    const left = { host: hosts.server12 ?? "", port: 6379, online: false, offset: 5000, lag_s: 30 };
    server11.redis.seen = master(at(5000), { replicas: [left] });
    server12.redis.seen = gone;
  });
  assert.deepEqual(found(down), ["warning redis-down: recover-master @server12"]);
});

it("a node that was not seen, while roles change: wait", () => {
  const input = changed(({ server11, server12 }) => {
    hostOf(server11).vrrp = { state: "MASTER", for_s: 5 };
    server12.redis.seen = silent;
  });
  assert.deepEqual(found(input), ["warning not-seen: status --watch"]);
});

it("a replica may be silent for as long as a failover allows", () => {
  const lag = (lag_s: number) =>
    found(
      changed(({ server11 }, all) => {
        const one = { host: hosts.server12 ?? "", port: 6379, online: true, offset: 5000, lag_s };
        server11.redis.seen = master(at(5000), { replicas: [one] });
        all.settings.maxMissing.seconds = 10;
      }),
    );
  assert.deepEqual(lag(10), ["ok good: -"]);
  assert.deepEqual(lag(11), ["warning lag: status --watch"]);
});

it("a replica that its master does not list yet has not been silent", () => {
  const input = (missing_bytes: number) =>
    changed(({ server11 }, all) => {
      server11.redis.seen = master(at(5000 + missing_bytes), { replicas: [] });
      all.settings.maxMissing = { bytes: 100, seconds: 0 };
    });
  assert.deepEqual(found(input(100)), ["ok good: -"]);
  assert.deepEqual(texts(input(101)), [
    "server12 is 101 bytes behind, acknowledged some s ago: a failover would be refused",
  ]);
});

it("if nothing is wrong: how many replicas are in sync, and who has the virtual IP, if that is known", () => {
  const three = changed((_, all) => {
    withServer13(all);
  });
  assert.deepEqual(texts(three), ["server11 is master and has the virtual IP, 2 of 2 replicas in sync"]);
  const unknown = changed(({ server11, server12 }, all) => {
    for (const node of [server11, server12]) hidden(node);
    all.vipRunId = undefined;
  });
  assert.deepEqual(texts(unknown), [
    "server11 is master (who has the virtual IP is not known), 1 of 1 replicas in sync",
  ]);
});
