import assert from "node:assert/strict";
import { it } from "node:test";
import { statusReport } from "../../../../src/decide/status/report.ts";
import type { Source } from "../../../../src/model/observation.ts";
import type { Reach } from "../../../../src/model/status.ts";
import { at, replica } from "../situations.ts";
import { type Change, changed, hidden, hostOf, withServer13 } from "./changed.ts";

function reach(from: string, to: string, change: Change): Pick<Reach, "redis" | "vrrp"> {
  const found = statusReport(changed(change)).reach.find((one) => one.from === from && one.to === to);
  assert.ok(found);
  return { redis: found.redis, vrrp: found.vrrp };
}

it("what an agent tells of one peer says nothing of another", () => {
  const over = (to: string) =>
    reach("server12", to, ({ server12 }, all) => {
      withServer13(all);
      hostOf(server12).peers = [
        { name: "server11", answers: false },
        { name: "server13", answers: true },
      ];
    }).redis;
  assert.deepEqual([over("server11"), over("server13")], ["no", "yes"]);
});

it("without an agent that tells of its peers, a replication link that is up, or copies, shows who reaches whom", () => {
  const over = (link: Partial<Source>, of = "server11") =>
    reach("server12", "server11", ({ server12 }) => {
      hostOf(server12).peers = undefined;
      server12.redis.seen = replica(of, at(5000), { link });
    }).redis;
  assert.equal(over({ link: "up" }), "yes");
  assert.equal(over({ link: "down", syncing: true }), "yes");
  // Redis may be down there, though the host is reached.
  assert.equal(over({ link: "down" }), "unknown");
  assert.equal(over({ link: "up" }, "192.0.2.99"), "unknown");
});

it("a fit node that has been in BACKUP for 5 s hears the holder; one that starts has not listened for long enough", () => {
  const hears = (change: Change) => reach("server12", "server11", change).vrrp;
  const backup = (for_s: number) =>
    hears(({ server12 }) => Object.assign(hostOf(server12), { vrrp: { state: "BACKUP", for_s } }));
  assert.deepEqual([backup(4.9), backup(5)], ["unknown", "yes"]);
  assert.equal(
    hears(({ server12 }) => Object.assign(hostOf(server12), { verdict: null })),
    "unknown",
  );
  assert.equal(
    hears(({ server12 }) => Object.assign(hostOf(server12), { keepalived: false })),
    "unknown",
  );
});

it("two holders do not hear each other, but where Keepalived does not run there, or may not", () => {
  const hears = (change: Change) =>
    reach("server11", "server12", (nodes, all) => {
      Object.assign(hostOf(nodes.server12), { holder: true });
      change(nodes, all);
    }).vrrp;
  assert.equal(
    hears(() => undefined),
    "no",
  );
  assert.equal(
    hears(({ server12 }) => Object.assign(hostOf(server12), { keepalived: false })),
    "unknown",
  );
  assert.equal(
    hears(({ server12 }, all) => {
      hidden(server12);
      all.vipRunId = "r12";
    }),
    "unknown",
  );
});
