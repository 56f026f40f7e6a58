import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startRenewedFence } from "../../src/failover/renewed-fence.ts";
import { openConnection } from "../../src/redis/connection.ts";
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
        assert.equal(fence.unbroken(), whole);
        assert.match(String(await server.ask("CLIENT", "UNPAUSE")), /OK/);
      } finally {
        session.close();
        await stop();
      }
    });
});
