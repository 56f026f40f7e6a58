import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { startServers } from "./servers.ts";

test("servers share a port, replicate under their own addresses, hang, are resumed, and leave no files", async () => {
  const { servers, stop } = await startServers(2);
  const [master, replica] = servers;
  assert.ok(master && replica);
  try {
    assert.deepEqual([master.endpoint.host, replica.endpoint.host], ["127.0.0.1", "127.0.0.2"]);
    assert.equal(master.endpoint.port, replica.endpoint.port);
    await replica.ask("REPLICAOF", master.endpoint.host, String(master.endpoint.port));
    const follows = async () => String(await master.ask("INFO", "replication")).includes("slave0:ip=127.0.0.2,");
    for (let tries = 0; !(await follows()) && tries < 500; tries++) await new Promise((wake) => setTimeout(wake, 10));
    assert.ok(await follows(), replica.log);
    replica.hang();
    await assert.rejects(Promise.race([replica.ask("PING"), late(300)]), /late/);
    replica.resume();
    assert.equal(await replica.ask("PING"), "PONG");
    await replica.kill();
    await assert.rejects(replica.ask("PING"), { name: "Unreachable" });
    await replica.start();
    assert.match(String(await replica.ask("INFO", "replication")), /role:master/);
    await assert.rejects(master.ask("NO-SUCH-COMMAND"), { name: "ReplyError" });
  } finally {
    await stop();
  }
  assert.ok(!existsSync(master.folder));
  await assert.rejects(master.ask("PING"));
});

const late = (ms: number) => new Promise((_, reject) => setTimeout(() => reject(new Error("late")), ms));
