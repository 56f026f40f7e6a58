import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ownVerdict, peerCouldTakeOver } from "../../../src/decide/verdict.ts";
import type { ConnectedReplica, Observation } from "../../../src/model/observation.ts";
import type { HealthFacts } from "../../../src/model/verdict.ts";
import { at, blank, down, gone, master, notNotable, refusing, replica, situation } from "./situations.ts";

type Known = Omit<Partial<HealthFacts>, "seen" | "lasting"> & { lasting?: Record<string, number> };

/** What our own Redis says of this node's fitness; `ask` where the peers must be asked whether one would do better. */
function own(seen: Observation, { lasting = {}, ...known }: Known = {}) {
  const found = ownVerdict({
    ...{ ...notNotable, seen, holdsVip: false },
    ...{ ...known, lasting: (cause) => lasting[cause] ?? 0 },
  });
  if ("soft" in found) return { said: `ask: ${found.soft}`, detail: found.detail };
  return { said: `${found.healthy ? "fit" : "unfit"}: ${found.cause}`, detail: found.detail };
}

const holder = { holdsVip: true };
const parked = (positioned: boolean) => replica("127.0.0.1", at(100), { link: { port: 1, link: "down", positioned } });
const connected: ConnectedReplica = { host: "192.0.2.12", port: 6379, online: true, offset: 100, lag_s: 1 };

describe("what our own Redis says of this node's fitness", () => {
  const rows: [string, Observation, Known, string][] = [
    ["nobody is reached, no witness either", master(at(100)), { ...holder, isolated: true }, "unfit: isolated"],
    ["the same, and our Redis is dead: that is said first", gone, { isolated: true }, "unfit: refused"],
    ["the same, and our Redis refuses us", refusing("password"), { isolated: true }, "unfit: isolated"],

    ["a script blocks it for less than five seconds", refusing("busy"), { lasting: { busy: 4.9 } }, "fit: busy"],
    ["a script blocks it for five seconds", refusing("busy"), { lasting: { busy: 5 } }, "ask: busy"],
    [
      "the holder's password has been wrong for long: whoever has the right one is served",
      refusing("password"),
      { ...holder, wasMaster: true, lasting: { busy: 60, password: 60 } },
      "fit: password",
    ],
    [
      "the holder's password is wrong, and nobody has seen it as master: it may be a replica that can't be promoted",
      refusing("password"),
      holder,
      "ask: password",
    ],
    [
      "it was master, and the virtual IP has left: the same",
      refusing("password"),
      { wasMaster: true },
      "ask: password",
    ],
    ["another node's password is wrong: a failover to it would fail", refusing("password"), {}, "ask: password"],
    ["another node's rights are missing", refusing("permission"), {}, "ask: permission"],
    ["another node takes no more clients", refusing("full"), {}, "ask: full"],
    ["a script blocks another node for a moment", refusing("busy"), {}, "fit: busy"],
    [
      "a script blocks a node that was unfit before: it hung, and hangs on",
      refusing("busy"),
      { ...holder, wasUnfit: true },
      "ask: busy",
    ],
    ["it is loading", master(at(0), { loading: { eta_s: 3 } }), {}, "ask: loading"],

    [
      "a master that was restarted: is it what was here before?",
      master(at(100)),
      { restarted: true },
      "ask: restarted",
    ],
    [
      "the holder's replica that was restarted",
      replica("server12", at(100)),
      { ...holder, restarted: true },
      "ask: restarted",
    ],
    [
      "another replica that was restarted copies what it lacks",
      replica("server12", at(100)),
      { restarted: true },
      "fit: replica",
    ],

    ["a master that a replica keeps up with", master(at(100), { replicas: [connected] }), holder, "fit: master"],
    ["a master without a replica may not be the only one", master(at(100)), holder, "ask: alone"],
    [
      "a master whose replica has fallen silent",
      master(at(100), { replicas: [{ ...connected, lag_s: 2 }] }),
      holder,
      "ask: alone",
    ],
    [
      "one of two replicas keeps up",
      master(at(100), { replicas: [{ ...connected, lag_s: 9 }, connected] }),
      holder,
      "fit: master",
    ],
    ["a master without the virtual IP", master(at(100), { replicas: [connected] }), {}, "ask: master-without-vip"],
    [
      "a master that refuses writes",
      master(at(100), { replicas: [connected], refusesWrites: "MISCONF" }),
      holder,
      "ask: refuses-writes",
    ],

    ["the holder's replica, its hook has just begun", replica("server12", at(100)), holder, "fit: holder-is-replica"],
    ["silent for 12 s", replica("server12", at(100), { link: { silentFor_s: 12 } }), {}, "ask: link-silent"],
    ["silent for less", replica("server12", at(100), { link: { silentFor_s: 11 } }), {}, "fit: replica"],
    [
      "the holder's replica, a hook of long ago is at work",
      replica("server12", at(100)),
      { ...holder, inTransition: true, lasting: { "holder-is-replica": 60 } },
      "fit: holder-is-replica",
    ],
    [
      "the holder's replica for three seconds",
      replica("server12", at(100)),
      { ...holder, lasting: { "holder-is-replica": 3 } },
      "unfit: holder-is-no-master",
    ],

    [
      "the holder was master at an earlier check: another node has taken the role",
      replica("server12", at(100)),
      { ...holder, wasMaster: true },
      "ask: role-taken",
    ],
    [
      "the same, however long a hook has waited for the role",
      replica("server12", at(100)),
      { ...holder, wasMaster: true, lasting: { "holder-is-replica": 60 } },
      "ask: role-taken",
    ],
    [
      "the same, while a hook is at work: it may be taking the role over",
      replica("server12", at(100)),
      { ...holder, wasMaster: true, inTransition: true },
      "fit: holder-is-replica",
    ],
    [
      "the holder was master, and is parked: it was restarted, and nobody has taken the role",
      parked(true),
      { ...holder, wasMaster: true },
      "fit: holder-is-replica",
    ],
    [
      "it gave the role and the virtual IP away: a planned move takes nothing from anybody",
      replica("server12", at(100)),
      { wasMaster: true },
      "fit: replica",
    ],
    [
      "its role was taken a moment ago, and the virtual IP has left",
      replica("server12", at(100)),
      { lasting: { "role-taken": 1.9 } },
      "ask: role-taken",
    ],
    [
      "the same, at the very next check",
      replica("server12", at(100)),
      { lasting: { "role-taken": 0.1 } },
      "ask: role-taken",
    ],
    [
      "its role was taken two seconds ago: Keepalived knows by now where the virtual IP is",
      replica("server12", at(100)),
      { lasting: { "role-taken": 2 } },
      "fit: replica",
    ],
    [
      "its role was taken again and again: it stays away for longer",
      replica("server12", at(100)),
      { roleTakenHold_s: 20, lasting: { "role-taken": 19.9 } },
      "ask: role-taken",
    ],
    [
      "its role was taken a moment ago, and it was made master since",
      master(at(100)),
      { ...holder, lasting: { "role-taken": 1 } },
      "ask: alone",
    ],
    [
      "the holder copies all of its data set, be a hook at work or not",
      replica("server12", at(0), { link: { link: "down", syncing: true, positioned: false } }),
      { ...holder, inTransition: true },
      "ask: holder-copies",
    ],

    [
      "a master that is not the holder, while a hook is at work: fit as before",
      master(at(100)),
      { inTransition: true },
      "fit: master-without-vip",
    ],
    ["the same, unfit as before", master(at(100)), { inTransition: true, wasUnfit: true }, "unfit: master-without-vip"],
    [
      "the holder's master is judged the same, be a hook at work or not",
      master(at(100)),
      { ...holder, inTransition: true },
      "ask: alone",
    ],

    ["a replica, its link is up", replica("server12", at(100)), {}, "fit: replica"],
    [
      "a replica whose save failed: it takes no writes anyway",
      replica("server12", at(100), { refusesWrites: "MISCONF" }),
      {},
      "fit: replica",
    ],
    [
      "a replica that a third node copies from serves nobody by that",
      replica("server12", at(100), { replicas: [connected], link: { link: "down" } }),
      {},
      "ask: link-down",
    ],
    ["a replica that never had a copy", blank("server12"), {}, "ask: incomplete"],
    [
      "its full copy goes on",
      replica("server12", at(0), { link: { link: "down", syncing: true, positioned: false, silentFor_s: 4 } }),
      {},
      "ask: incomplete",
    ],
    [
      "its full copy brought nothing for five seconds",
      replica("server12", at(0), { link: { link: "down", syncing: true, positioned: false, silentFor_s: 5 } }),
      {},
      "ask: copy-stalled",
    ],
    [
      "its link has just broken: it comes back by itself, if at all",
      replica("server12", at(100), down),
      {},
      "ask: link-down",
    ],
    [
      "its link has been down for less than two seconds",
      replica("server12", at(100), down),
      { lasting: { "link-down": 1.9 } },
      "ask: link-down",
    ],
    [
      "its link has been down for two seconds",
      replica("server12", at(100), down),
      { lasting: { "link-down": 2 } },
      "ask: not-following",
    ],
    [
      "its link has been down for longer than that, and was called so",
      replica("server12", at(100), down),
      { lasting: { "not-following": 0.1 } },
      "ask: not-following",
    ],
    ["parked: it waits for a hook", parked(true), {}, "ask: not-following"],
    ["parked before its copy was complete", parked(false), {}, "ask: not-following"],
  ];
  for (const [name, seen, known, expected] of rows) it(name, () => assert.equal(own(seen, known).said, expected));

  it("needs no words where all is well", () => {
    assert.equal(own(replica("server12", at(100))).detail, "");
    assert.equal(own(master(at(100), { replicas: [connected] }), holder).detail, "");
    assert.equal(own(master(at(100)), holder).detail, "");
  });

  it("says how long loading takes, what came back from a restart, and what the server said of a script or a failed save", () => {
    assert.match(own(master(at(0), { loading: { eta_s: 3 } })).detail, /about 3 s to go/);
    assert.match(own(master(at(9)), { restarted: true }).detail, /restarted, it has 100 keys now/);
    assert.equal(own(refusing("busy"), { lasting: { busy: 5 } }).detail, "refused: busy");
    assert.equal(own(master(at(9), { refusesWrites: "MISCONF save failed" }), holder).detail, "MISCONF save failed");
  });

  it("names what a replica copies from, and how it stands with that", () => {
    assert.equal(own(replica("server12", at(100), down)).detail, "replica of 192.0.2.12:6379, link down, 100 keys");
    const copying = replica("server12", at(0), { link: { link: "down", syncing: true, positioned: false } });
    assert.equal(
      own(copying).detail,
      "replica of 192.0.2.12:6379, link down, full synchronization in progress, 0 keys",
    );
  });

  it("says for how many whole seconds a holder has been a replica", () => {
    const since = (waited: number) =>
      own(replica("server12", at(9)), { ...holder, lasting: { "holder-is-replica": waited } });
    assert.match(since(3.4).detail, /for 3 s$/);
    assert.match(since(3.6).detail, /for 4 s$/);
  });
});

describe("whether a peer could take the virtual IP", () => {
  const could = (theirs: Record<string, Observation>) => peerCouldTakeOver(situation(master(at(100)), theirs));

  it("one with a complete data set could, one is enough", () => {
    assert.ok(could({ server12: replica("server11", at(100)) }));
    assert.ok(could({ server12: gone, server13: replica("server11", at(100)) }));
    assert.ok(could({ server12: blank("server11"), server13: replica("server11", at(100)) }));
  });

  it("nobody could who is dead, refuses us, loads, or has no complete copy", () => {
    assert.ok(!could({ server12: gone, server13: refusing("full") }));
    assert.ok(!could({ server12: blank("server11") }));
    assert.ok(!could({ server12: master(at(100), { loading: { eta_s: 3 } }) }));
    assert.ok(!could({}));
  });
});
