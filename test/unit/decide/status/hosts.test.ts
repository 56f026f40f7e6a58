import assert from "node:assert/strict";
import { it } from "node:test";
import type { KeepalivedProblem, KeptSummary } from "../../../../src/model/host-report.ts";
import { changed, found, hostOf, silent, texts } from "./changed.ts";

const good = ["ok good: -"];

it("FAULT is what Keepalived says while it runs, and wrong only of a node that is known to be fit", () => {
  const fault = (more: object) =>
    found(
      changed(({ server12 }) => {
        Object.assign(hostOf(server12), { vrrp: { state: "FAULT", for_s: 60 }, ...more });
      }),
    );
  assert.deepEqual(fault({ verdict: null }), good);
  assert.deepEqual(fault({ keepalived: false }), ["warning keepalived-dead: systemctl start keepalived @server12"]);
});

it("that a node is unfit needs not be said of one whose Redis was not seen", () => {
  const input = changed(({ server12 }) => {
    server12.redis.seen = silent;
    hostOf(server12).verdict = { fit: false, cause: "timeout", detail: "", for_s: 20 };
  });
  assert.deepEqual(texts(input), ["the Redis of server12 does not answer (no answer), though its host does"]);
});

const keeps = (kept: KeptSummary) =>
  changed(({ server12 }) => {
    hostOf(server12).kept = kept;
  });

it("what was kept and has been applied is nothing wrong", () => {
  const newest = { id: 1, kind: "writes", when: "today", writes: 12, keys: null } as const;
  assert.deepEqual(found(keeps({ files: 1, not_applied: 0, newest })), good);
});

it("how much was kept may not be known", () => {
  const kept = (kind: "writes" | "dump") =>
    texts(keeps({ files: 1, not_applied: 1, newest: { id: 1, kind, when: "today", writes: null, keys: null } }));
  assert.deepEqual(kept("writes"), ["server12 keeps data that the master may lack: some writes of today"]);
  assert.deepEqual(kept("dump"), ["server12 keeps data that the master may lack: a dump of some keys of today"]);
});

const troubled = (keepalived: boolean, keepalived_problem: KeepalivedProblem, more: object = {}) =>
  changed(({ server12 }) => {
    Object.assign(hostOf(server12), { keepalived, keepalived_problem, ...more });
  });

it("of a Keepalived that does not run, why it does not start, if that is known", () => {
  const input = troubled(false, { is: "no-folder", what: "/run/x", made_at_boot: true });
  assert.deepEqual(found(input), [
    "warning keepalived-dead: systemd-tmpfiles --create && systemctl start keepalived @server12",
  ]);
  assert.deepEqual(texts(input), [
    "Keepalived does not run on server12: it can't take over; it does not start, since there is no folder /run/x for its track files",
  ]);
});

it("a Keepalived that does not watch its folder may be in FAULT for that: said once", () => {
  const more = { vrrp: { state: "FAULT", for_s: 60 } };
  for (const state of [{}, more])
    assert.deepEqual(found(troubled(true, { is: "not-watched", what: "/run/x" }, state)), [
      "warning not-watched: systemd-tmpfiles --create && systemctl reload keepalived @server12",
    ]);
});
