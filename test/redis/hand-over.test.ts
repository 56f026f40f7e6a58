import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { handOver } from "../../src/failover/hand-over.ts";
import { carryOutTransition } from "../../src/failover/transition.ts";
import { silentLog } from "../../src/log/log.ts";
import { openConnection } from "../../src/redis/connection.ts";
import type { Session } from "../../src/redis/session.ts";
import type { TestCluster } from "./cluster.ts";
import { missing, Writer } from "./load.ts";
import { follows, withPair } from "./pair.ts";
import type { RedisServer } from "./servers.ts";
import { eventually } from "./wait.ts";

const deadline_ms = 1000;

interface Scene {
  of: TestCluster;
  servers: Record<"server11" | "server12", RedisServer>;
  writers: Record<"server11" | "server12", Writer>;
}
type Name = keyof Scene["servers"];
const other = (name: Name): Name => (name === "server11" ? "server12" : "server11");

/** Server11 is master, server12 its replica, and clients write to both all the time. */
async function underLoad(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withPair({}, async (of, server11, server12) => {
    await follows(server12, server11);
    const writers = { server11: new Writer(server11), server12: new Writer(server12) };
    try {
      await eventually(async () => writers.server11.acknowledged.length > 20);
      await body({ of, servers: { server11, server12 }, writers });
    } finally {
      await Promise.all(Object.values(writers).map((writer) => writer.stop()));
    }
  });
}

const target = (name: Name, { endpoint }: RedisServer) => ({ name, host: endpoint.host, port: endpoint.port });

/** Hands over to `name` through sessions that `wrap` may spoil. */
async function handOverTo(name: Name, { servers }: Scene, wrap = (session: Session): Session => session) {
  const [from, to] = await Promise.all(
    [servers[other(name)], servers[name]].map(({ endpoint }) => openConnection(endpoint, deadline_ms)),
  );
  try {
    const sessions = { from: wrap(from as Session), to: wrap(to as Session) };
    return await handOver({ ...sessions, toTarget: target(name, servers[name]), deadline_ms, proceed: () => {} });
  } finally {
    from?.close();
    to?.close();
  }
}

/** What notify-master does on that node. */
async function notifyMaster(name: Name, { of }: Scene) {
  const node = of.cluster.nodes.find((one) => one.name === name);
  assert.ok(node);
  const run = {
    cluster: of.cluster,
    node,
    password: of.password,
    log: silentLog,
    open: openConnection,
    allowDataLoss: false,
  };
  const outcome = await carryOutTransition(
    { ...run, paths: of.paths, proceed: () => {} },
    { transition: "MASTER", holdsVip: () => true, dryRun: false },
  );
  assert.equal(outcome.result, "done", outcome.why);
}

const info = async (server: RedisServer, section: string) => String(await server.ask("INFO", section));
const isMaster = async (server: RedisServer) => (await info(server, "replication")).includes("role:master");
const inSync = async (server: RedisServer) => (await info(server, "replication")).includes("master_link_status:up");
const fullCopies = async ({ servers }: Scene) => {
  const counts = await Promise.all(Object.values(servers).map((server) => info(server, "stats")));
  return counts.reduce((sum, text) => sum + Number(/sync_full:(\d+)/.exec(text)?.[1]), 0);
};

/** Clients are let through at `name`, and soon. */
async function writesGoOn(name: Name, { writers }: Scene): Promise<void> {
  const before = writers[name].acknowledged.length;
  await eventually(async () => writers[name].acknowledged.length > before + 5, 5000);
}

/** No write was accepted at the old master that was sent after the new one had accepted one. */
function neverTwo(scene: Scene, newMaster: Name, since: number): void {
  const fresh = scene.writers[newMaster].acknowledged.filter(({ acked }) => acked >= since);
  const first = Math.min(...fresh.map(({ acked }) => acked));
  const late = scene.writers[other(newMaster)].acknowledged.filter(({ sent }) => sent > first);
  assert.deepEqual(late, []);
}

async function nothingLost({ servers, writers }: Scene, master: Name): Promise<void> {
  const [a, b] = Object.values(writers);
  await Promise.all([a?.stop(), b?.stop()]);
  const all = Object.values(writers).flatMap(({ acknowledged }) => acknowledged);
  assert.ok(all.length > 20);
  assert.deepEqual(await missing(servers[master], all), []);
}

describe("the hand-over under load", () => {
  it("ten times to and fro: no acknowledged write lost, no full copy, never two that accept writes", () =>
    underLoad(async (scene) => {
      const before = await fullCopies(scene);
      let next: Name = "server12";
      const waits: number[] = [];
      for (let round = 0; round < 10; round++) {
        const since = performance.now();
        waits.push(await handOverTo(next, scene));
        await writesGoOn(next, scene);
        neverTwo(scene, next, since);
        await eventually(() => inSync(scene.servers[other(next)]));
        next = other(next);
      }
      assert.equal(await fullCopies(scene), before);
      assert.ok(Math.min(...waits) < 200, `writes waited ${waits} ms`);
      await nothingLost(scene, other(next));
    }));

  it("gives up when it must not go on, and writes go on where they were", () =>
    underLoad(async (scene) => {
      const { servers } = scene;
      const [from, to] = await Promise.all(
        [servers.server11, servers.server12].map(({ endpoint }) => openConnection(endpoint, deadline_ms)),
      );
      const proceed = () => {
        throw new Error("superseded");
      };
      const toTarget = target("server12", servers.server12);
      await assert.rejects(
        handOver({ from: from as Session, to: to as Session, toTarget, deadline_ms, proceed }),
        /superseded/,
      );
      await writesGoOn("server11", scene);
      assert.ok(await isMaster(servers.server11));
      await nothingLost(scene, "server11");
    }));
});

/** The commands at which a hand-over can be caught, in their order. */
const moments = ["CLIENT PAUSE", "INFO", "REPLICAOF 127", "REPLICAOF NO", "CLIENT KILL", "CLIENT UNPAUSE"];

/** Does `deed` right before or right after that command goes out, once. */
function at(moment: string, when: "before" | "after", deed: () => Promise<void>) {
  let done = false;
  return (session: Session): Session => ({
    ...session,
    async ask(...command) {
      if (done || !command.join(" ").startsWith(moment)) return session.ask(...command);
      done = true;
      if (when === "before") await deed();
      const reply = session.ask(...command);
      if (when === "after") await reply.then(deed, deed);
      return reply;
    },
  });
}

// Whoever is killed leaves closed connections and asks nothing more, which is all that the servers see of it.
const killed = () => new Promise<never>(() => {});

describe("whoever hands over is killed", () => {
  let next: Name = "server12";
  let scene: Scene;
  let finish: () => void;
  let whole: Promise<void>;
  before(async () => {
    await new Promise<void>((ready, failed) => {
      whole = underLoad(async (it) => {
        scene = it;
        ready();
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      });
      whole.catch(failed);
    });
  });
  after(async () => {
    finish();
    await whole;
  });

  for (const moment of moments) {
    for (const when of ["before", "after"] as const) {
      it(`${when} ${moment}: never two masters, and the next run finishes`, async () => {
        const since = performance.now();
        const sessions: Session[] = [];
        let dead = () => {};
        const death = new Promise<void>((resolve) => {
          dead = resolve;
        });
        const kill = async () => {
          for (const session of sessions) session.close();
          dead();
          await killed();
        };
        const spoil = at(moment, when, kill);
        const handing = handOverTo(next, scene, (session) => {
          sessions.push(session);
          return spoil(session);
        });
        await Promise.race([death, handing]);
        await notifyMaster(next, scene);
        await writesGoOn(next, scene);
        neverTwo(scene, next, since);
        await eventually(() => inSync(scene.servers[other(next)]));
        assert.deepEqual(await missing(scene.servers[next], scene.writers[other(next)].acknowledged), []);
        next = other(next);
      });
    }
  }

  it("nobody comes after it: the pause ends by itself", async () => {
    const from = await openConnection(scene.servers[other(next)].endpoint, deadline_ms);
    const spoil = at("CLIENT PAUSE", "after", async () => {
      from.close();
      await killed();
    });
    const to = await openConnection(scene.servers[next].endpoint, deadline_ms);
    void handOver({
      from: spoil(from),
      to,
      toTarget: target(next, scene.servers[next]),
      deadline_ms,
      proceed: () => {},
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = scene.writers[other(next)].acknowledged.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(scene.writers[other(next)].acknowledged.length <= before + 1, "it was not paused");
    await writesGoOn(other(next), scene);
    to.close();
  });
});

describe("a server dies amid the hand-over", () => {
  for (const moment of ["CLIENT PAUSE", "INFO", "REPLICAOF 127"]) {
    it(`the new master, after ${moment}: the old one takes writes again`, () =>
      underLoad(async (scene) => {
        const { server11, server12 } = scene.servers;
        await assert.rejects(
          handOverTo(
            "server12",
            scene,
            at(moment, "after", () => server12.kill()),
          ),
        );
        assert.ok(await isMaster(server11));
        await writesGoOn("server11", scene);
        await nothingLost(scene, "server11");
      }));
  }

  for (const moment of ["CLIENT PAUSE", "REPLICAOF 127", "REPLICAOF NO"]) {
    it(`the old master, before ${moment}: the new one is master after the next run`, () =>
      underLoad(async (scene) => {
        const { server11, server12 } = scene.servers;
        const ended = handOverTo(
          "server12",
          scene,
          at(moment, "before", () => server11.kill()),
        );
        await ended.catch(() => {});
        await notifyMaster("server12", scene);
        assert.ok(await isMaster(server12));
        await writesGoOn("server12", scene);
        // Before the pause what was in flight is gone with the server: that is what asynchronous replication costs.
        if (moment !== "CLIENT PAUSE") await nothingLost(scene, "server12");
      }));
  }
});
