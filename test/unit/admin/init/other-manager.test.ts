import assert from "node:assert/strict";
import { it } from "node:test";
import { otherManager } from "../../../../src/admin/init/other-manager.ts";

const alone = "redis_mode:standalone\r\ncluster_enabled:0\r\n";
const client = (address: string, name: string) =>
  `id=7 addr=${address} laddr=192.0.2.11:6379 fd=9 name=${name} age=3 db=0`;

it("a Sentinel that is connected is named by its address", () => {
  for (const name of ["sentinel-3f0a9c1d-cmd", "sentinel-3f0a9c1d-pubsub"]) {
    const clients = [client("192.0.2.12:40000", "web"), client("192.0.2.13:40001", name)].join("\n");
    assert.match(otherManager(alone, clients)?.cause ?? "", /^a Sentinel at 192\.0\.2\.13 watches the local Redis/);
  }
  assert.match(otherManager(alone, client("[::1]:40001", "sentinel-3f0a9c1d-cmd"))?.cause ?? "", /at \[::1\] /);
});

it("Redis Cluster is none of ours", () => {
  assert.match(otherManager(alone.replace(":0", ":1"), "")?.cause ?? "", /a node of a Redis Cluster/);
});

it("nobody else: other clients, whatever they are called, and no right to list them", () => {
  assert.equal(
    otherManager(alone, [client("192.0.2.12:40000", ""), client("192.0.2.12:40001", "sentinel")].join("\n")),
    undefined,
  );
  assert.equal(otherManager(alone, ""), undefined);
});
