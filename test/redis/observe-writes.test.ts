import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parkedAt } from "../../src/decide/situation.ts";
import { weStayMaster } from "../../src/decide/who-stays.ts";
import { silentLog } from "../../src/log/log.ts";
import type { SeenPeer } from "../../src/model/situation.ts";
import { openConnection } from "../../src/redis/connection.ts";
import { observeCluster } from "../../src/redis/observe-cluster.ts";
import { Sessions } from "../../src/redis/sessions.ts";
import type { TestCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { makeReplica, withPair } from "./redis-pair.ts";
import type { RedisServer } from "./servers.ts";

async function write(server: RedisServer, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await server.ask("SET", `${server.endpoint.host} ${i}`, "1");
}

/** What a node of the pair observes of the other one, and whether it would stay master. */
async function observedBy({ file, cluster, password, paths }: TestCluster, name: string, holdsVip: boolean) {
  const node = cluster.nodes.find((one) => one.name === name);
  assert.ok(node);
  const context = { file, cluster, node, password, paths, log: silentLog, open: openConnection };
  const sessions = new Sessions(context);
  const situation = await observeCluster(context, sessions, { holdsVip, countWithin_ms: 2000 });
  sessions.closeAll();
  const [peer] = situation.peers;
  assert.ok(situation.node.seen.kind === "observed" && peer?.seen.kind === "observed");
  const stays = weStayMaster(situation.node.seen, { holdsVip }, peer as SeenPeer);
  return { written: peer.written, stays };
}

describe("after a split in which one side was started from a snapshot, and so does not count its writes", () => {
  it("the one whose clients wrote more stays, whoever has the virtual IP", () =>
    withPair({}, async (pair, server11, server12) => {
      const park = ["REPLICAOF", parkedAt.host, String(parkedAt.port)];
      await server12.ask(...park);
      await server12.ask("REPLICAOF", "NO", "ONE");
      await makeReplica(server11, server12);
      await server12.ask("SET", "both", "1");
      await eventually(() => server11.ask("EXISTS", "both"));
      await server11.ask("SAVE");
      await server11.stop();
      await server11.start(...[park.join(" ").toLowerCase()]);
      await server11.ask("REPLICAOF", "NO", "ONE");
      await write(server11, 30);
      await write(server12, 10);
      for (const holdsVip of [true, false]) {
        const [ours, theirs] = [
          await observedBy(pair, "server11", holdsVip),
          await observedBy(pair, "server12", !holdsVip),
        ];
        assert.deepEqual(ours.written, {
          ours: { writes: 30, deletions: 0 },
          theirs: { writes: 10, deletions: 0 },
        });
        assert.deepEqual([ours.stays, theirs.stays], [true, false]);
      }
      await write(server12, 40);
      assert.deepEqual((await observedBy(pair, "server12", false)).stays, true);
    }));
});
