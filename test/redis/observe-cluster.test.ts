import assert from "node:assert/strict";
import { it } from "node:test";
import { openConnection } from "../../src/redis/connection.ts";
import { announceKeeping } from "../../src/redis/keeping.ts";
import { observeNode } from "../../src/redis/observe-cluster.ts";
import { Sessions } from "../../src/redis/sessions.ts";
import { withPair } from "./redis-pair.ts";

it("a peer that is master only to keep its writes is a parked replica with complete data, for as long as it says so", () =>
  withPair({}, async ({ file, cluster, password, paths }, _server11, server12) => {
    const [node, peer] = cluster.nodes;
    assert.ok(node && peer);
    await server12.ask("SET", "k", "v");
    const rolesSeen = async (by = node) => {
      const context = { file, cluster, node: by, password, paths, open: openConnection };
      const sessions = new Sessions(context);
      const seen = await observeNode(context, sessions, peer);
      sessions.closeAll();
      assert.ok(seen.kind === "observed");
      return { role: seen.role, host: seen.source?.host, complete: seen.source?.positioned, keys: seen.keys };
    };
    const asMaster = { role: "master", host: undefined, complete: undefined, keys: 1 };
    assert.deepEqual(await rolesSeen(), asMaster);
    const announcement = await openConnection(server12.endpoint, 1000);
    await announceKeeping(announcement, cluster);
    assert.deepEqual(await rolesSeen(), { role: "replica", host: "127.0.0.1", complete: true, keys: 1 });
    // Its own node knows better.
    assert.deepEqual(await rolesSeen(peer), asMaster);
    announcement.close();
    const until_ms = Date.now() + 5000;
    while ((await rolesSeen()).role !== "master") assert.ok(Date.now() < until_ms, "it is parked for ever");
  }));
