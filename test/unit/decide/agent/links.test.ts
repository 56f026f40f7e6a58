import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LossFacts, parksAfterLoss } from "../../../../src/decide/agent/links.ts";
import { at, master, replica } from "../situations.ts";
import { named, ToldAgent } from "./agents.ts";

const broke = (node: string) => ({ on: "link-broke", node }) as const;
const gone = (node: string) => ({ on: "link-gone", node, why: "refused", detail: "ECONNREFUSED" }) as const;
const back = (node: string) => ({ on: "link-back", node }) as const;
const line = (state: string) => ({ on: "vrrp-line", state }) as const;

/** Nothing of ours copies from this server, or an operator is at work: its loss changes no role. */
function keepers(): [string, ToldAgent][] {
  const becoming = new ToldAgent();
  becoming.told(line("MASTER"));
  const about = new ToldAgent();
  about.told(line("BACKUP"));
  about.told(line("MASTER"));
  return [
    ["holder", new ToldAgent({}, { holdsVip: true })],
    ["becomes master", becoming],
    ["is about to become master", about],
    ["maintenance", new ToldAgent({}, { maintenance: true })],
  ];
}

describe("the local Redis is gone", () => {
  it("Keepalived is told so at once, and the node is checked 20 ms later", () => {
    const agent = new ToldAgent();
    assert.equal(named(agent.told(gone("server11"))), "tell unfit, check in 20 ms, log redis-gone");
    const line = agent.effects.at(-1);
    assert.ok(line?.do === "log" && line.level === "warn");
    assert.equal(line.message, "the local Redis does not answer: refused");
    assert.deepEqual(line.fields, { peer: "server11", detail: "ECONNREFUSED" });
  });

  it("at the holder, too: the peers are waiting", () => {
    const agent = new ToldAgent({ vrrp: "MASTER" }, { holdsVip: true });
    assert.equal(named(agent.told(gone("server11"))), "tell unfit, check in 20 ms, log redis-gone");
  });

  it("in maintenance an operator took it down: only a line in the log", () => {
    const agent = new ToldAgent({}, { maintenance: true });
    assert.equal(named(agent.told(gone("server11"))), "log redis-gone");
    assert.equal(agent.state.local.down, false);
  });

  it("a connection to it that broke says nothing yet: a new one is dialled", () => {
    assert.deepEqual(new ToldAgent().told(broke("server11")), []);
  });

  it("it answers again: checked, and read, for it may be another process than before", () => {
    for (const now of [{}, { holdsVip: true }, { maintenance: true }])
      assert.equal(named(new ToldAgent({}, now).told(back("server11"))), "check, read-local");
  });
});

describe("a peer's Redis is lost", () => {
  it("its connection broke: our replica is parked, should its own link be down, too", () => {
    assert.equal(named(new ToldAgent().told(broke("server12"))), "park replica of server12 (connection)");
  });

  it("nobody answers there: our replica is parked", () => {
    const agent = new ToldAgent();
    assert.equal(named(agent.told(gone("server12"))), "park replica of server12 (server), log redis-gone");
    const line = agent.effects.at(-1);
    assert.ok(line?.do === "log" && line.level === "warn");
    assert.equal(line.message, "server12 does not answer: refused");
    assert.equal(agent.state.local.down, false, "ours is well");
  });

  it("a node that serves, or is about to, or is under maintenance, parks nothing", () => {
    for (const [name, agent] of keepers()) {
      assert.equal(named(agent.told(broke("server12"))), "", name);
      assert.equal(named(agent.told(gone("server12"))), "log redis-gone", name);
      assert.equal(agent.state.roleChange.task, undefined, name);
    }
  });

  it("a node that is giving the role away parks its replica after that", () => {
    const agent = new ToldAgent({ vrrp: "MASTER" });
    agent.told(line("BACKUP"));
    assert.equal(named(agent.told(gone("server12"))), "log redis-gone");
    const next = agent.told({ on: "role-change-ended", parked: false });
    assert.equal(named(next), "park replica of server12 (server)");
  });
});

describe("a peer's Redis answers again, or for the first time", () => {
  it("it may be the master to follow: BACKUP is carried out, or FAULT where that was Keepalived's last word", () => {
    for (const vrrp of ["BACKUP", "MASTER", "STOP", undefined] as const)
      assert.equal(named(new ToldAgent({ vrrp }).told(back("server12"))), "check, log redis-back, BACKUP");
    const agent = new ToldAgent({ vrrp: "FAULT" });
    assert.equal(named(agent.told(back("server12"))), "check, log redis-back, FAULT");
    assert.equal(agent.state.vrrp, "FAULT", "Keepalived said nothing new");
  });

  it("the log names it, and how the last connection ended", () => {
    for (const [before, message] of [
      [undefined, "server12 answers"],
      ["timeout", "server12 answers (before: timeout)"],
    ] as const) {
      const [, line] = new ToldAgent().told({ ...back("server12"), before });
      assert.ok(line?.do === "log" && line.level === "info");
      assert.equal(line.message, message);
      assert.deepEqual(line.fields, { peer: "server12", before });
    }
  });

  it("while a role change is carried out the transition waits for its turn", () => {
    const agent = new ToldAgent();
    agent.told(line("FAULT"));
    assert.equal(named(agent.told(back("server12"))), "check, log redis-back");
    assert.equal(named(agent.told({ on: "role-change-ended", parked: false })), "FAULT");
  });

  it("a holder that is master asks whether that one is, too", () => {
    const holder = new ToldAgent({ vrrp: "MASTER" }, { holdsVip: true });
    assert.equal(named(holder.told(back("server12"))), "check, log redis-back", "it doesn't know itself yet");
    holder.state.local.seen = replica("server12", at(100));
    assert.equal(named(holder.told(back("server12"))), "check, log redis-back", "a role change is due anyway");
    holder.state.local.seen = master(at(100));
    assert.equal(named(holder.told(back("server12"))), "check, log redis-back, look-for-other-master");
    const look = holder.effects.at(-1);
    assert.ok(look?.do === "look-for-other-master" && look.because === "sole-master");
  });

  it("in maintenance nothing is carried out", () => {
    const agent = new ToldAgent({}, { maintenance: true });
    assert.equal(named(agent.told(back("server12"))), "check, log redis-back");
    assert.deepEqual(agent.state.roleChange, {});
  });
});

describe("our replica's turn to be parked after a loss", () => {
  const server12 = { host: "192.0.2.12", port: 6379 };
  const parks = (more: Partial<LossFacts> = {}) =>
    parksAfterLoss({
      ours: replica("server12", at(100), { link: { link: "down" } }),
      lost: "server",
      peer: server12,
      holdsVip: false,
      ...more,
    });

  it("it copied from the node that is gone: it is parked, or a master that comes back empty would be copied", () => {
    assert.equal(parks(), true);
    assert.equal(parks({ lost: "connection" }), true);
    const notNoticed = replica("server12", at(100));
    assert.equal(parks({ ours: notNoticed }), true, "whatever its own link says: it learns of a dead host late");
  });

  it("it copies from somebody else, or from nobody, or is a master: nothing", () => {
    for (const ours of [replica("server13", at(100)), replica("127.0.0.1", at(100)), master(at(100))])
      assert.equal(parks({ ours }), false);
    assert.equal(parks({ peer: { ...server12, port: 6380 } }), false);
  });

  it("the virtual IP is here by now: it is to become master", () => assert.equal(parks({ holdsVip: true }), false));

  it("only our connection broke, and the replica's own link is up: somebody said CLIENT KILL", () => {
    assert.equal(parks({ lost: "connection", ours: replica("server12", at(100)) }), false);
  });

  it("a full copy that goes on is left alone: broken off, it begins anew", () => {
    for (const lost of ["connection", "server"] as const) {
      const ours = replica("server12", at(0), { link: { link: "down", syncing: true, positioned: false } });
      assert.equal(parks({ ours, lost }), false);
    }
  });
});
