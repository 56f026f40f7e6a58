import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plannedSteps } from "../../../src/admin/planned-steps.ts";
import type { Cluster } from "../../../src/cluster/schema.ts";
import type { SeenPeer } from "../../../src/model/situation.ts";
import { at, gone, hosts, master, replica } from "../decide/situations.ts";

const seen = master(at(200));
const source: SeenPeer = { name: "server12", host: hosts.server12 ?? "", port: 6379, seen };
const context = {
  node: { name: "server11", address: hosts.server11 ?? "" },
  failback: false,
  cluster: {
    redis: { port: 6379 },
    commands: { start_redis: ["start", "redis"], start_keepalived: ["start", "keepalived"] },
  } as Cluster,
} as const;

const first = (local: Parameters<typeof plannedSteps>[2]) => plannedSteps(context, source, local)[0];

describe("recover-master --dry-run says", () => {
  it("of a healthy replica: nothing is overwritten", () =>
    assert.equal(
      first(replica("server12", at(200))),
      "nothing to overwrite: server11 is a replica of server12 already",
    ));

  it("of a parked server that lacks writes: it copies", () =>
    assert.match(first(replica("127.0.0.1", at(100))) ?? "", /^make server11 a replica of server12, and wait/));

  it("of a master with writes of its own: they are kept", () =>
    assert.match(
      first(master(at(300, "b", { id: "a", until: 100 }))) ?? "",
      /^keep the writes that only server11 has, make server11 a replica/,
    ));

  it("of a server that is down: it is started, and what it has may have to be kept", () => {
    const steps = plannedSteps(context, source, gone);
    assert.equal(steps[0], "start Redis: start redis");
    assert.match(steps[1] ?? "", /^keep the writes that only server11 has, if there are any, make/);
  });
});
