import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Answers, chosenServer, givenNodes, withPrefix } from "../../../../src/admin/init/answers.ts";
import { type Ask, allAnswers } from "../../../../src/admin/init/ask.ts";
import type { FoundServer, Host } from "../../../../src/admin/init/find-host.ts";

const host: Host = {
  hostname: "server11",
  interfaces: [
    { name: "eth0", address: "192.0.2.11", prefix: "24" },
    { name: "eth0", address: "2001:db8::11", prefix: "64" },
    { name: "eth1", address: "198.51.100.11", prefix: "25" },
  ],
  servers: [],
};
const given = { vip: "192.0.2.120", peer: "server12=192.0.2.12" };
const all = (answers: Partial<Answers>, ask?: Ask, yes = true) => allAnswers(answers, host, yes, ask);

describe("what init proposes", () => {
  it("--yes takes name, interface, router id and this node from the host", async () => {
    assert.deepEqual(await all(given), {
      ...given,
      name: "redis",
      interface: "eth0",
      routerId: "120",
      here: "server11=192.0.2.11",
    });
  });

  it("the address of this node is on the chosen interface, and of the family of the virtual IP", async () => {
    assert.equal((await all({ ...given, interface: "eth1" })).here, "server11=198.51.100.11");
    const six = await all({ ...given, vip: "2001:db8::120/64" });
    assert.deepEqual([six.here, six.routerId], ["server11=2001:db8::11", "51"]);
  });

  it("a missing answer is a usage error that names the option, where nobody can be asked", async () => {
    await assert.rejects(all({ peer: given.peer }), /^UsageError|--vip is missing/);
    await assert.rejects(all({ vip: given.vip }), /--node NAME=ADDRESS is missing: the other node/);
    await assert.rejects(all(given, undefined, false), /--name is missing/);
    await assert.rejects(all({ ...given, interface: "eth7" }), /--node NAME=ADDRESS is missing: this node/);
  });

  it("asks for what was not given, with the proposal, and again where there is none", async () => {
    const asked: string[] = [];
    const says = ["sessions", "", "", "192.0.2.120", "", ""];
    const ask = async (text: string, proposal: string | undefined) => {
      asked.push(`${text.split(":")[0]} [${proposal ?? ""}]`);
      return says.shift() ?? "";
    };
    const answers = await all({ peer: given.peer }, ask, false);
    assert.deepEqual(answers, { ...(await all(given)), name: "sessions" });
    assert.deepEqual(asked.slice(0, 4), [
      "Name of the cluster [redis]",
      "Network interface of the virtual IP [eth0]",
      "Virtual IP []",
      "Virtual IP []",
    ]);
  });

  it("the prefix length of the virtual IP is that of the interface", () => {
    assert.equal(withPrefix("198.51.100.7", "eth1", host), "198.51.100.7/25");
    assert.equal(withPrefix("2001:db8::7", "eth0", host), "2001:db8::7/64");
    assert.equal(withPrefix("192.0.2.7/28", "eth0", host), "192.0.2.7/28");
    assert.equal(withPrefix("192.0.2.7", "eth9", host), "192.0.2.7");
  });

  it("of the given nodes, this one has an address of this host", () => {
    const [own, other] = ["a=192.0.2.11", "b=192.0.2.12"];
    assert.deepEqual(givenNodes([other, own], host), { here: own, peer: other, more: [] });
    assert.deepEqual(givenNodes([other], host), { peer: other, more: [] });
    assert.deepEqual(givenNodes([own, other, "c=192.0.2.13"], host).more, ["c=192.0.2.13"]);
  });

  it("of several servers, the one of the port, of 6379, or the only one", () => {
    const server = (port: number): FoundServer => ({
      server: "redis",
      port,
      unit: undefined,
      conf: undefined,
      password: undefined,
    });
    const two = [server(6380), server(6379)];
    assert.equal(chosenServer(two, undefined)?.port, 6379);
    assert.equal(chosenServer(two, 6380)?.port, 6380);
    assert.equal(chosenServer(two, 7000), undefined);
    assert.equal(chosenServer([server(7000)], undefined)?.port, 7000);
    assert.equal(chosenServer([server(7000), server(7001)], undefined), undefined);
  });
});
