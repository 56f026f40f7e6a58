import assert from "node:assert/strict";
import { it } from "node:test";
import { changed, hidden, hostOf, reported, silent } from "./changed.ts";

it("the virtual IP is where the Redis that answers there runs, and nowhere else is not said", () => {
  const at12 = (vipRunId: string | undefined, ready: boolean) =>
    reported(
      changed(({ server12 }, all) => {
        hidden(server12);
        server12.redis.ready = ready;
        all.vipRunId = vipRunId;
      }),
      "server12",
    ).holder;
  assert.deepEqual(at12("r12", false), { value: true, via: "vip", age_s: 0 });
  assert.deepEqual(at12("r11", true), { value: false, via: "redis", age_s: 0 });
  assert.equal(at12("r11", false).value, null);
  assert.equal(at12(undefined, false).value, null);
});

it("a VRRP state that contradicts the virtual IP is stale, but for the time that a hook needs", () => {
  const stale = (state: "MASTER" | "BACKUP", holder: boolean, for_s: number) => {
    const { vrrp } = reported(
      changed(({ server12 }) => {
        Object.assign(hostOf(server12), { vrrp: { state, for_s }, holder });
      }),
      "server12",
    );
    return vrrp.value === null ? undefined : vrrp.stale;
  };
  assert.equal(stale("MASTER", false, 60), "the virtual IP is not here");
  assert.equal(stale("BACKUP", true, 60), "the virtual IP is here");
  assert.equal(stale("BACKUP", true, 3), "the virtual IP is here");
  assert.equal(stale("BACKUP", true, 2), undefined);
  assert.equal(stale("BACKUP", false, 60), undefined);
});

it("a Redis that was not seen is not the one behind the virtual IP", () => {
  const { holder } = reported(
    changed(({ server12 }, all) => {
      hidden(server12);
      server12.redis.seen = silent;
      all.vipRunId = undefined;
    }),
    "server12",
  );
  assert.equal(holder.value, null);
});

it("a drain that is asked for over Redis is newer than what the host tells", () => {
  const { drain } = reported(
    changed(({ server12 }) => {
      server12.redis.drainRequested = true;
      hostOf(server12).drain = "no";
    }),
    "server12",
  );
  assert.deepEqual(drain, { value: true, via: "redis", age_s: 0 });
});
