import assert from "node:assert/strict";
import { it } from "node:test";
import { at, gone, master, replica } from "../situations.ts";
import { changed, found, hidden, hostOf, silent, texts } from "./changed.ts";

const parked = replica("127.0.0.1", at(5000), { link: { port: 1, link: "down" } });

it("two masters: the one without the virtual IP is to follow, also if it is this one", () => {
  const input = changed(({ server11, server12 }) => {
    server12.redis.seen = master(at(10, "b"));
    hostOf(server11).holder = false;
    hostOf(server12).holder = true;
  });
  assert.deepEqual(found(input), ["critical two-masters: notify-backup --dry-run"]);
  assert.deepEqual(texts(input), ["server11 and server12 are both master; the virtual IP is on server12"]);
});

it("two masters, and nobody knows where the virtual IP is", () => {
  const input = changed(({ server11, server12 }, all) => {
    server12.redis.seen = master(at(10, "b"));
    for (const node of [server11, server12]) hidden(node);
    all.vipRunId = undefined;
  });
  assert.deepEqual(texts(input), ["server11 and server12 are both master"]);
});

it("two holders, of which another node has a dead Keepalived: type there", () => {
  const input = changed(({ server12 }) => {
    Object.assign(hostOf(server12), { holder: true, keepalived: false });
  });
  assert.equal(found(input)[0], "critical two-holders: systemctl start keepalived @server12");
});

it("two holders, of which one tells nothing of its Keepalived: it may be dead", () => {
  const input = changed(({ server11, server12 }, all) => {
    hostOf(server11).holder = true;
    hidden(server12);
    all.vipRunId = "r12";
  });
  assert.match(texts(input)[0] ?? "", /, or Keepalived is dead on server12$/);
});

it("two holders since a moment ago: wait", () => {
  const input = changed(({ server12 }) => {
    Object.assign(hostOf(server12), { holder: true, vrrp: { state: "MASTER", for_s: 2 } });
  });
  assert.equal(found(input)[0], "critical two-holders: status --watch");
});

it("the master of another node does not have the virtual IP", () => {
  const without = (more: object) =>
    found(
      changed(({ server11, server12 }) => {
        server12.redis.seen = master(at(5000));
        server11.redis.seen = replica("server12", at(5000));
        hostOf(server11).holder = false;
        Object.assign(hostOf(server12), more);
      }),
    )[0];
  const start = "critical master-without-vip:";
  assert.equal(without({ keepalived: false }), `${start} systemctl start keepalived @server12`);
  assert.equal(without({ vrrp: { state: "BACKUP", for_s: 9 } }), `${start} status --watch`);
  assert.equal(without({}), `${start} monitor --json @server12`);
});

it("without a master: what each node's Redis is, in a few words", () => {
  const input = changed(({ server11, server12 }) => {
    server11.redis.seen = replica("server12", at(5000), { loading: { eta_s: 9 } });
    server12.redis.seen = parked;
  });
  assert.equal(texts(input)[0], "no master is seen: server11 loads its data, 9 s to go; server12 is a replica, parked");
  const down = changed(({ server11, server12 }) => {
    server11.redis.seen = replica("server12", at(5000), { link: { link: "down", downFor_s: 90 } });
    server12.redis.seen = silent;
  });
  assert.equal(texts(down)[0], "no master is seen: server11 is a replica, link down; server12 was not seen");
});

it("without a master or a holder: a Redis that is down is to be started, wherever it is", () => {
  const input = changed(({ server11, server12 }) => {
    hostOf(server11).holder = false;
    server11.redis.seen = silent;
    server12.redis.seen = gone;
  });
  assert.equal(found(input)[0], "critical no-master: systemctl start redis @server12");
});
