import assert from "node:assert/strict";
import { askRedisOf, nameOf, startClusters, startRedisOf, vipOf } from "./many-clusters.ts";
import { scenario } from "./scenario.ts";
import type { Server } from "./server/server.ts";

const count = 3;
const failed = 1;
const others = [0, 2];

scenario(
  "one agent for three clusters: if the Redis of one dies, that cluster moves and the others stay",
  { profile: "agent", seconds: 90 },
  async (lab) => {
    const { server11, server12 } = lab;
    const at = (server: Server, index: number) => server.hasAddress(vipOf(index));
    const is = async (server: Server, index: number, role: "master" | "slave") =>
      (await askRedisOf(server, index, "INFO", "replication")).includes(`role:${role}`);
    const isPair = async (index: number, master: Server, replica: Server) =>
      at(master, index) &&
      !at(replica, index) &&
      (await is(master, index, "master")) &&
      (await askRedisOf(replica, index, "INFO", "replication")).includes("master_link_status:up");

    await startClusters(lab, count);
    for (let index = 0; index < count; index++) {
      await lab.until(() => isPair(index, server11, server12), 20, `${nameOf(index)} is a pair`);
      await askRedisOf(server11, index, "SET", "of", nameOf(index));
    }
    await askRedisOf(server11, failed, "SHUTDOWN", "NOSAVE", "NOW");
    await lab.until(
      async () => at(server12, failed) && !at(server11, failed) && (await is(server12, failed, "master")),
      15,
      "the failed cluster is on server12",
    );
    for (const index of others) assert.ok(await isPair(index, server11, server12), `${nameOf(index)} stayed`);
    assert.equal((await askRedisOf(server12, failed, "GET", "of")).trim(), nameOf(failed));

    // As a service manager, without the recommended replicaof line: an empty master.
    await startRedisOf(server11, failed);
    await lab.until(() => isPair(failed, server12, server11), 20, "server11 follows in that cluster");
    assert.equal((await askRedisOf(server11, failed, "GET", "of")).trim(), nameOf(failed));
    for (const index of others) assert.ok(await isPair(index, server11, server12), `${nameOf(index)} stayed`);

    // The failure of a host moves all clusters.
    await server11.powerOff();
    for (let index = 0; index < count; index++) {
      const serves = async () => at(server12, index) && (await is(server12, index, "master"));
      await lab.until(serves, 20, `${nameOf(index)} is on server12`);
      assert.equal((await askRedisOf(server12, index, "GET", "of")).trim(), nameOf(index));
    }
  },
);
