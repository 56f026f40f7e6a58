import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { missing } from "../../src/decide/served.ts";
import type { PlanContext } from "../../src/failover/context.ts";
import { StepRefused } from "../../src/failover/errors.ts";
import { takeOver } from "../../src/failover/take-over.ts";
import { silentLog } from "../../src/log/log.ts";
import { openConnection } from "../../src/redis/connection.ts";
import { observeSession } from "../../src/redis/observe.ts";
import { Sessions } from "../../src/redis/sessions.ts";
import { announceMove } from "../../src/state/drain.ts";
import { lastServed, rememberServed } from "../../src/state/served.ts";
import { DeadlinePassed } from "../../src/system/poll.ts";
import { sleep } from "../lab/machine/process.ts";
import { makeReplica, withPair } from "./redis-pair.ts";

/** Server12 takes the role over from server11, and can't catch up. `announced_ms`: for so long the move is announced. */
async function failing(announced_ms: number): Promise<unknown> {
  let result: unknown;
  await withPair({ failover: "handover_timeout = 0.5" }, async (pair, server11, server12) => {
    const { file, cluster, password, paths } = pair;
    const node = cluster.nodes[1];
    assert.ok(node);
    const open = openConnection;
    const context: PlanContext = {
      ...{ file, cluster, node, password, paths, open, log: silentLog, allowDataLoss: false },
      proceed: () => undefined,
    };
    await makeReplica(server12, server11);
    await server12.ask("REPLICAOF", "127.0.0.1", "1");
    await server11.ask("SET", "only", "here");
    const [sessions, mover] = [new Sessions(context), new Sessions(context)];
    try {
      if (announced_ms > 0) await announceMove(await mover.of("server12"), cluster);
      const taken = takeOver("server11", context, sessions).catch((error: unknown) => error);
      await sleep(announced_ms);
      mover.closeAll();
      result = await taken;
      assert.match(String(await server11.ask("INFO", "replication")), /role:master/);
      assert.equal(await server11.ask("SET", "after", "1"), "OK", "the old master takes writes again");
    } finally {
      sessions.closeAll();
      mover.closeAll();
    }
  });
  return result;
}

it("what is taken over is what is served from then on, even if this node knew of newer data", async () => {
  await withPair({}, async (pair, server11, server12) => {
    const { file, cluster, password, paths } = pair;
    const node = cluster.nodes[1];
    assert.ok(node);
    const context: PlanContext = {
      ...{ file, cluster, node, password, paths, open: openConnection, log: silentLog, allowDataLoss: false },
      proceed: () => undefined,
    };
    await server11.ask("SET", "served", "again");
    await makeReplica(server12, server11);
    const lost = { id: "f".repeat(40), offset: 10_000_000 };
    const newer = {
      history: lost,
      at_ms: Date.now(),
      by: "server11",
      seenAt: { runId: "x", unsaved: undefined },
      keys: 9,
      marks: [],
    };
    rememberServed(paths.served, newer);
    const sessions = new Sessions(context);
    try {
      const lacks = async () => {
        const seen = await observeSession(await sessions.of("server12"));
        return seen.kind === "observed" && missing(seen, lastServed(paths.served));
      };
      assert.ok(await lacks(), "it is behind what it knew of");
      await takeOver("server11", context, sessions);
      assert.equal(await lacks(), undefined);
      assert.match(String(await server12.ask("INFO", "replication")), /role:master/);
    } finally {
      sessions.closeAll();
    }
  });
});

describe("a take-over whose replica does not catch up", () => {
  it("of a planned move that was given up meanwhile: refused, and the old master stays", async () => {
    const error = await failing(200);
    assert.ok(error instanceof StepRefused, String(error));
    assert.match(error.message, /planned move was given up/);
    assert.match(error.remedy, /server11 stays master/);
  });

  it("of a move that goes on, or that nobody planned: tried again", async () => {
    for (const announced_ms of [900, 0]) assert.ok((await failing(announced_ms)) instanceof DeadlinePassed);
  });
});
