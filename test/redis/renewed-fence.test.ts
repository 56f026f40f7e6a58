import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { quarantine } from "../../src/failover/quarantine.ts";
import { startRenewedFence } from "../../src/failover/renewed-fence.ts";
import { silentLog } from "../../src/log/log.ts";
import { openConnection } from "../../src/redis/connection.ts";
import { Sessions } from "../../src/redis/sessions.ts";
import { eventually } from "./eventually.ts";
import { makeReplica, withPair } from "./redis-pair.ts";
import { type RedisServer, startServers } from "./servers.ts";

describe("a fence that is renewed", () => {
  for (const [title, hang_ms, whole] of [
    ["was never lifted", 0, true],
    ["was lifted if Redis hung for longer than the fence lasts", 1500, false],
  ] as const)
    it(title, async () => {
      const { servers, stop } = await startServers(1);
      const [server] = servers as [RedisServer];
      const session = await openConnection(server.endpoint, 10_000);
      try {
        const fence = await startRenewedFence(session, 1);
        server.hang();
        await sleep(hang_ms);
        server.resume();
        await sleep(1200);
        fence.stopRenewing();
        assert.equal(await fence.renew(), whole);
        assert.match(String(await server.ask("CLIENT", "UNPAUSE")), /OK/);
      } finally {
        session.close();
        await stop();
      }
    });
});

describe("what is kept of a master whose fence another node lifts", () => {
  for (const [title, lift, refused] of [
    ["is not enough if a client has written then", true, true],
    ["is enough if no write came, though PINGs did", false, false],
  ] as const)
    it(title, () =>
      withPair({ conf: ["repl-backlog-size 64mb"] }, async (pair, server11, server12) => {
        await makeReplica(server12, server11);
        await server11.ask("SET", "first", "1");
        await eventually(async () => (await server12.ask("GET", "first")) === "1");
        await server12.ask("REPLICAOF", "NO", "ONE");
        // To read and save it takes longer than the client needs.
        for (let n = 0; n < 200; n++) await server11.ask("SET", `key${n}`, "x".repeat(100_000));
        const [node] = pair.cluster.nodes;
        assert.ok(node);
        const { cluster, password, paths, file } = pair;
        const context = {
          ...{ file, cluster, node, password, paths, log: silentLog, open: openConnection },
          ...{ allowDataLoss: false, proceed: () => {} },
        };
        const { host, port } = server12.endpoint;
        const step = { do: "quarantine", source: { name: "server12", host, port }, because: "", bytes: 1 } as const;
        const sessions = new Sessions(context);
        const keeping = quarantine(step, context, sessions).then(
          () => "kept",
          ({ message }: Error) => message,
        );
        const client = await openConnection(server11.endpoint, 10_000);
        const begun = () => existsSync(paths.quarantine) && readdirSync(paths.quarantine).length > 0;
        while (!begun() && (await Promise.race([keeping, sleep(1, "not yet")])) === "not yet");
        if (lift) {
          await client.ask("CLIENT", "UNPAUSE");
          await client.ask("SET", "acknowledged", "while it was kept");
        } else await server11.ask("CONFIG", "SET", "repl-ping-replica-period", "1");
        assert.match(await keeping, refused ? /writes may have come/ : /^kept$/);
        client.close();
        sessions.closeAll();
        await server11.ask("CLIENT", "UNPAUSE");
      }),
    );
});
