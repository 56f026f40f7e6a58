import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parkedAt } from "../../src/decide/situation.ts";
import type { Observed } from "../../src/model/observation.ts";
import { openConnection } from "../../src/redis/connection.ts";
import { observeSession } from "../../src/redis/observe.ts";
import { lastVerdict } from "../../src/state/last-verdict.ts";
import { lastServed, rememberServed } from "../../src/state/served.ts";
import { latestTransition } from "../../src/state/transition-marks.ts";
import { takeLock } from "../../src/system/lock.ts";
import type { TestCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { besideAgent, makeReplica, withPair } from "./redis-pair.ts";
import type { RedisServer } from "./servers.ts";
import { missing, Writer } from "./writer.ts";

const info = async (server: RedisServer, section = "replication") => String(await server.ask("INFO", section));
const isMaster = async (server: RedisServer) => (await info(server)).includes("role:master");
const inSync = async (server: RedisServer) => (await info(server)).includes("master_link_status:up");
const observe = async ({ endpoint }: RedisServer): Promise<Observed> => {
  const session = await openConnection(endpoint, 1000);
  const seen = await observeSession(session);
  session.close();
  if (seen.kind !== "observed") throw new Error(seen.detail);
  return seen;
};
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs `body` while clients write to both servers. Afterwards the master must have every acknowledged write. */
async function nothingLost(
  servers: readonly [RedisServer, RedisServer],
  body: () => Promise<RedisServer>,
): Promise<void> {
  const writers = servers.map((server) => new Writer(server));
  let master: RedisServer;
  try {
    master = await body();
  } finally {
    await Promise.all(writers.map((writer) => writer.stop()));
  }
  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
  assert.ok(acknowledged.length > 0);
  assert.deepEqual(await missing(master, acknowledged), []);
}

/** Waits until the one is a writable master and the other one its replica in sync. */
async function waitForRoles(master: RedisServer, replica: RedisServer): Promise<void> {
  await eventually(async () => (await isMaster(master)) && (await inSync(replica)));
  assert.equal(await master.ask("SET", "one more", "1"), "OK");
}

/**
 * The hosts do not share a lock, so an older hook of one may act after the newest of the other. The monitors find that and start repairs,
 * until the roles are right.
 */
async function repaired(
  pair: TestCluster,
  { holder, other }: Readonly<Record<"holder" | "other", string>>,
  master: RedisServer,
  replica: RedisServer,
): Promise<void> {
  await eventually(async () => {
    await Promise.all([pair.run("notify-master", holder, "--repair"), pair.run("notify-backup", other, "--repair")]);
    await pause(500);
    return (await isMaster(master)) && (await inSync(replica));
  }, 30_000);
  await waitForRoles(master, replica);
}

const hooks = ["notify-master", "notify-backup", "notify-fault"];

describe("a hook beside an agent", () => {
  it("does nothing, unless it was started with --allow-data-loss", () =>
    withPair({}, async (pair, server11, server12) => {
      await server12.kill();
      await server11.ask("SET", "key", "1");
      await server11.ask("REPLICAOF", server12.endpoint.host, String(server12.endpoint.port));
      await server11.ask("CONFIG", "SET", "replica-serve-stale-data", "yes");
      await besideAgent(pair, async () => {
        const left = await pair.run("notify-master", "server11");
        assert.deepEqual([left.code, await isMaster(server11)], [0, false]);
        const { code } = await pair.run("notify-master", "server11", "--allow-data-loss");
        assert.deepEqual([code, await isMaster(server11)], [0, true]);
      });
    }));

  it("leaves only its own mark behind", () =>
    withPair({}, async (pair) => {
      await besideAgent(pair, async () => {
        for (const _ of [1, 2, 3]) await pair.run("notify-backup", "server11");
      });
      assert.equal(readdirSync(pair.paths.transitionMarks).length, 1);
    }));
});

describe("a person accepts the loss of what was served", () => {
  it("on a node that was restarted alone: what it has is served from now on, and its check no longer calls it old", () =>
    withPair({}, async (pair, server11, server12) => {
      await server12.ask("SET", "key", "1");
      await makeReplica(server11, server12);
      await eventually(async () => (await server11.ask("GET", "key")) === "1");
      const { history, keys, runId, unsaved } = await observe(server11);
      await server12.kill();
      await server11.ask("SAVE");
      await server11.kill();
      await server11.start("replicaof 127.0.0.1 1");
      const newer = { ...history, offset: history.offset + 1_000_000_000 };
      const served = { history: newer, at_ms: Date.now(), by: "server12", seenAt: { runId, unsaved }, keys, marks: [] };
      rememberServed(pair.paths.served, served);
      const before = await pair.run("monitor", "server11");
      assert.match(before.stderr, /1000000000 bytes of what server12 served are missing here/);
      const { code } = await pair.run("notify-master", "server11", "--allow-data-loss");
      assert.deepEqual([code, await isMaster(server11)], [0, true]);
      assert.equal(lastServed(pair.paths.served)?.history.previous?.id, history.id);
      await pair.run("monitor", "server11");
      assert.equal(lastVerdict(pair.paths.verdict)?.cause, "master-without-vip");
      assert.equal(lastVerdict(pair.paths.verdict)?.healthy, true);
    }));
});

describe("hooks at the same time", () => {
  it("eight on one node: the newest one decides, and no acknowledged write is lost", () =>
    withPair({}, async (pair, server11, server12) => {
      await makeReplica(server12, server11);
      await nothingLost([server11, server12], async () => {
        const older = Array.from({ length: 7 }, () => pair.run(oneOf(hooks), "server12"));
        const newest = pair.run("notify-master", "server12");
        for (const { stderr } of await Promise.all([...older, newest])) assert.doesNotMatch(stderr, /at .*:\d+:\d+/);
        // No repair of its own node: the newest hook has decided. The other node has none of these hooks, only its monitor's.
        await eventually(() => isMaster(server12)).catch((error: Error) => {
          const log = pair.paths.log.replace("server11", "server12");
          assert.fail(`${error.message}\n${readFileSync(log, "utf8")}`);
        });
        await repaired(pair, { holder: "server12", other: "server11" }, server12, server11);
        return server12;
      });
    }));

  it("on both nodes, in any order: after a repair the holder is master, and no acknowledged write is lost", () =>
    withPair({}, async (pair, server11, server12) => {
      await makeReplica(server12, server11);
      const nodes = { server11, server12 };
      await nothingLost([server11, server12], async () => {
        let last = server11;
        for (let round = 0; round < 3; round++) {
          const [holder, other] = oneOf<[keyof typeof nodes, keyof typeof nodes]>([
            ["server11", "server12"],
            ["server12", "server11"],
          ]);
          const noise = Array.from({ length: 6 }, () => pair.run(oneOf(hooks), oneOf([holder, other])));
          // As Keepalived does: the node that loses the virtual IP gets its transition at about the same time.
          await Promise.all([...noise, pair.run("notify-backup", other), pair.run("notify-master", holder)]);
          last = nodes[holder];
          await repaired(pair, { holder, other }, last, nodes[other]);
        }
        return last;
      });
    }));

  it("killed at any moment: the next one completes the transition", () =>
    withPair({}, async (pair, server11, server12) => {
      await makeReplica(server12, server11);
      const nodes = { server11, server12 };
      await nothingLost([server11, server12], async () => {
        let next: keyof typeof nodes = "server12";
        let other: keyof typeof nodes = "server11";
        for (let round = 0; round < 8; round++) {
          const hook = pair.start("notify-master", next);
          await pause(40 + Math.random() * 80);
          hook.kill("SIGKILL");
          await hook.ended;
          const { code, stderr } = await pair.run("notify-master", next);
          assert.equal(code, 0, stderr);
          await waitForRoles(nodes[next], nodes[other]);
          [next, other] = [other, next];
        }
        return nodes[other];
      });
    }));

  it("many of the same transition: one at work and one that waits are enough, and the others end at once", () =>
    withPair({}, async (pair, server11) => {
      await server11.ask("REPLICAOF", "127.0.0.1", "1");
      mkdirSync(pair.paths.state, { recursive: true });
      const lock = await takeLock(pair.paths.lock, 5);
      const running = new Set<Promise<unknown>>();
      for (let n = 0; n < 6; n++) {
        const one = pair.run("notify-master", "server11").finally(() => running.delete(one));
        running.add(one);
        await pause(300);
      }
      await eventually(async () => running.size === 2);
      // The newest one too: a hook that was started before it, and is late, must find it.
      const marks = readdirSync(pair.paths.transitionMarks).sort();
      assert.equal(marks.length, 3);
      assert.deepEqual(latestTransition(pair.paths.transitionMarks), { transition: "MASTER", atWork: true });
      lock.release();
      await Promise.all(running);
      assert.deepEqual(readdirSync(pair.paths.transitionMarks), marks.slice(-1));
    }));

  it("the same one twice changes nothing the second time", () =>
    withPair({}, async (pair, server11, server12) => {
      await makeReplica(server12, server11);
      await pair.run("notify-master", "server12");
      await waitForRoles(server12, server11);
      const before = /master_replid:\w+/.exec(await info(server12))?.[0];
      for (const hook of ["notify-master", "notify-backup"]) {
        const node = hook === "notify-master" ? "server12" : "server11";
        assert.equal((await pair.run(hook, node)).code, 0);
      }
      assert.equal(/master_replid:\w+/.exec(await info(server12))?.[0], before);
      await waitForRoles(server12, server11);
    }));

  it("a replica whose writes were held back when it was demoted applies those of its master again", () =>
    withPair({}, async (pair, server11, server12) => {
      await makeReplica(server12, server11);
      // A hand-over holds them back, and lost its connection after the demotion.
      await server12.ask("CLIENT", "PAUSE", "60000", "WRITE");
      await server11.ask("SET", "key", "1");
      await pause(300);
      assert.equal(await server12.ask("GET", "key"), null, "a fence does not keep a replica from copying");
      assert.equal((await pair.run("notify-backup", "server12")).code, 0);
      await eventually(async () => (await server12.ask("GET", "key")) === "1");
    }));

  it("two masters: the one with more writes stays, the other one keeps its writes and follows, in either order of the hooks", () =>
    withPair({}, async (pair, server11, server12) => {
      await makeReplica(server12, server11);
      for (const order of [
        ["server11", "server12"],
        ["server12", "server11"],
      ]) {
        await server12.ask("REPLICAOF", "NO", "ONE");
        await server11.ask("SET", "only at server11", "1");
        for (let i = 0; i < 50; i++) await server12.ask("SET", `only at server12: ${i}`, "1");
        const kept = () => readdirSync(pair.paths.quarantine).filter((name) => /\.(rdb|aof)$/.test(name)).length;
        const before = order[0] === "server11" ? 0 : kept();
        await Promise.all(order.map((node) => pair.run(node === "server12" ? "notify-master" : "notify-backup", node)));
        await waitForRoles(server12, server11);
        assert.equal(await server12.ask("EXISTS", "only at server11"), 0);
        assert.equal(await server12.ask("EXISTS", "only at server12: 49"), 1);
        assert.equal(kept(), before + 1);
        await pair.run("notify-master", "server11");
        await waitForRoles(server11, server12);
        await pair.run("notify-backup", "server12");
      }
    }));
});

describe("--dry-run", () => {
  const situations: Record<string, (server11: RedisServer, server12: RedisServer) => Promise<unknown>> = {
    "a pair in sync": (server11, server12) => makeReplica(server12, server11),
    "a master that died": async (server11, server12) => {
      await makeReplica(server11, server12);
      await server12.kill();
    },
    "two masters": async (server11, server12) => {
      await server11.ask("SET", "a", "1");
      await server12.ask("SET", "b", "1");
    },
    "a parked server": (server11) => server11.ask("REPLICAOF", parkedAt.host, String(parkedAt.port)),
  };
  const readOnly = /^cmdstat_(info|ping|auth|pubsub(\|numsub)?|config\|get|replconf|psync):/;
  /** The configuration, the role, and the number of calls of each command that changes something. */
  async function state(server: RedisServer): Promise<unknown> {
    if (!(await server.ask("PING").catch(() => false))) return "dead";
    const lines = async (section: string, which: RegExp) =>
      (await info(server, section)).split("\r\n").filter((line) => which.test(line));
    const commands = await lines("commandstats", /^cmdstat_/);
    return {
      config: ((await server.ask("CONFIG", "GET", "*")) as string[]).sort(),
      role: await lines("replication", /^(role|master_host|master_port|master_replid)/),
      commands: commands.filter((line) => !readOnly.test(line)).map((line) => line.split(",")[0]),
    };
  }

  for (const [name, arrange] of Object.entries(situations)) {
    it(`${name}: prints a plan, and changes nothing`, () =>
      withPair({}, async (pair, server11, server12) => {
        await arrange(server11, server12);
        const before = [
          await state(server11),
          await state(server12),
          readdirSync(pair.paths.state),
          readdirSync(pair.paths.data),
        ];
        for (const hook of [...hooks, "notify-stop"]) {
          const { code, stdout, stderr } = await pair.run(hook, "server11", "--dry-run");
          assert.equal(code, 0, stderr);
          assert.match(stdout, /\w+\n {2}(\d\. \w+|nothing to do)/);
          const json = await pair.run(hook, "server11", "--dry-run", "--json");
          assert.ok(Array.isArray(JSON.parse(json.stdout)));
        }
        const after = [
          await state(server11),
          await state(server12),
          readdirSync(pair.paths.state),
          readdirSync(pair.paths.data),
        ];
        assert.deepEqual(after, before);
      }));
  }
});

describe("persistence", () => {
  const save = async (server: RedisServer) => ((await server.ask("CONFIG", "GET", "save")) as string[])[1];
  const settings = (pair: TestCluster, server11: RedisServer, server12: RedisServer) => ({
    async move(node: "server11" | "server12") {
      const { code, stderr } = await pair.run("notify-master", node);
      assert.equal(code, 0, stderr);
      await (node === "server11" ? waitForRoles(server11, server12) : waitForRoles(server12, server11));
    },
  });

  it("follows the replica role if the cluster file says so; a master without a replica keeps its snapshot rules", () =>
    withPair({ redis: 'persistence = "replica"' }, async (pair, server11, server12) => {
      const { move } = settings(pair, server11, server12);
      await makeReplica(server12, server11);
      await move("server12");
      assert.equal(await save(server12), "");
      assert.match((await save(server11)) ?? "", /\d/);
      await move("server11");
      assert.equal(await save(server11), "");
      assert.match((await save(server12)) ?? "", /\d/);
      await server11.kill();
      await eventually(async () => !(await inSync(server12)));
      await pair.run("notify-master", "server12");
      assert.ok(await isMaster(server12));
      assert.match((await save(server12)) ?? "", /\d/);
    }));

  it("keeps snapshot rules that an operator chose for the replica", () =>
    withPair({ redis: 'persistence = "replica"' }, async (pair, server11, server12) => {
      await makeReplica(server12, server11);
      await server11.ask("CONFIG", "SET", "save", "900 1");
      await settings(pair, server11, server12).move("server12");
      assert.equal(await save(server11), "900 1");
    }));

  it("is unmanaged by default", () =>
    withPair({}, async (pair, server11, server12) => {
      await makeReplica(server12, server11);
      await server11.ask("CONFIG", "SET", "save", "900 1");
      await settings(pair, server11, server12).move("server12");
      assert.equal(await save(server11), "900 1");
      assert.equal(await save(server12), "");
    }));
});
