import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isPatient, pollingInterval_ms } from "../../../../src/decide/agent/polling.ts";
import type { Observation } from "../../../../src/model/observation.ts";
import { at, gone, master, replica } from "../situations.ts";
import { ToldAgent } from "./agents.ts";

/** `agent.interval` of the cluster file, by default. */
const interval_ms = 20;

/** A node whose Redis was read with these offsets, a second apart. */
function read(vrrp: "MASTER" | "BACKUP" | undefined, ...offsets: number[]): ToldAgent {
  const agent = new ToldAgent({ vrrp });
  for (const offset of offsets) check(agent, vrrp === "MASTER" ? master(at(offset)) : replica("server12", at(offset)));
  return agent;
}

const check = (agent: ToldAgent, seen: Observation | undefined) =>
  agent.told({
    on: "checked",
    verdict: { healthy: true, cause: "", detail: "" },
    holder: false,
    seen,
    change: undefined,
  });

const local = ({ state }: ToldAgent, ms = interval_ms) => pollingInterval_ms(state, true, ms);
const peer = ({ state }: ToldAgent, ms = interval_ms) => pollingInterval_ms(state, false, ms);

describe("how often a Redis is asked whether it still answers", () => {
  it("as often as the cluster file says while clients write, at a master and at its replica", () => {
    assert.equal(local(read("MASTER", 5000, 6000)), 20);
    assert.equal(local(read("BACKUP", 5000, 6000)), 20);
    assert.equal(peer(read("BACKUP", 5000, 6000)), 20, "a replica must know that its master hangs");
  });

  it("four times a second while nobody writes", () => {
    assert.equal(local(read("MASTER", 5000, 5000)), 250);
    assert.equal(peer(read("BACKUP", 5000, 5000)), 250);
    assert.equal(local(read(undefined)), 250, "nothing was read yet");
    assert.equal(local(read("BACKUP", 5000, 5000), 300), 300, "the cluster file says less often");
  });

  it("100 bytes a second are the master's own signs of life; more are writes", () => {
    assert.equal(local(read("MASTER", 5000, 5100)), 250);
    assert.equal(local(read("MASTER", 5000, 5101)), 20);
    assert.equal(local(read("MASTER", 100)), 250, "a new server has begun with nothing");
    assert.equal(local(read("MASTER", 101)), 20);
    assert.equal(local(read("MASTER", 5000, 4000)), 20, "another history: somebody wrote that");
  });

  it("a peer of the master once a second: that it hangs is its own business", () => {
    assert.equal(peer(read("MASTER", 5000, 6000)), 1000);
    assert.equal(peer(read("MASTER", 5000, 6000), 3000), 3000);
  });

  it("a check that read nothing says nothing of writes", () => {
    for (const seen of [undefined, gone]) {
      const busy = read("MASTER", 5000, 6000);
      check(busy, seen);
      assert.equal(local(busy), 20);
      const idle = read("MASTER", 5000, 5000);
      check(idle, seen);
      assert.equal(local(idle), 250);
    }
  });
});

describe("whether a silence is tried once more before the server is given up", () => {
  it("only that of a local Redis that serves nobody: parked for nothing, it may need a full copy", () => {
    for (const vrrp of ["BACKUP", "FAULT", "STOP", undefined] as const) {
      assert.equal(isPatient(new ToldAgent({ vrrp }).state, true), true);
      assert.equal(isPatient(new ToldAgent({ vrrp }).state, false), false);
    }
    assert.equal(isPatient(new ToldAgent({ vrrp: "MASTER" }).state, true), false);
    assert.equal(isPatient(new ToldAgent({ vrrp: "MASTER" }).state, false), false);
  });
});
