import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parkedAt } from "../../src/decide/situation.ts";
import type { PlanContext } from "../../src/failover/context.ts";
import { Stopped, Superseded } from "../../src/failover/errors.ts";
import type { Outcome } from "../../src/failover/outcome.ts";
import { carryOutTransition } from "../../src/failover/transition.ts";
import { silentLog } from "../../src/log/log.ts";
import type { Transition } from "../../src/model/transition.ts";
import { openConnection } from "../../src/redis/connection.ts";
import type { OpenSession } from "../../src/redis/session.ts";
import type { TestCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { makeReplica, withPair } from "./redis-pair.ts";
import type { RedisServer } from "./servers.ts";

/** Carries a transition out on server11, in this process. */
function carryOut(
  pair: TestCluster,
  transition: Transition,
  more: Partial<PlanContext> = {},
  holdsVip = () => transition === "MASTER",
): Promise<Outcome> {
  const { file, cluster, password, paths } = pair;
  const [node] = cluster.nodes;
  assert.ok(node);
  const run: PlanContext = {
    ...{
      file,
      cluster,
      node,
      password,
      paths,
      log: silentLog,
      open: openConnection,
      allowDataLoss: false,
      proceed: () => {},
    },
    ...more,
  };
  return carryOutTransition(run, { transition, holdsVip, dryRun: false });
}

/** Sessions that run `fault` once, before that command is sent. */
function before(command: string, fault: () => Promise<unknown>): OpenSession {
  let done = false;
  return async (endpoint, deadline_ms) => {
    const session = await openConnection(endpoint, deadline_ms);
    return {
      ...session,
      async ask(...words) {
        if (!done && words.join(" ").startsWith(command)) {
          done = true;
          await fault();
        }
        return session.ask(...words);
      },
    };
  };
}

const info = async (server: RedisServer) => String(await server.ask("INFO", "replication"));
const kept = ({ paths }: TestCluster): string[] => {
  try {
    return readdirSync(paths.quarantine).filter((name) => /\.(rdb|aof)$/.test(name));
  } catch {
    return [];
  }
};

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The server accepts a write at once. */
async function assertAcceptsWrites(server: RedisServer): Promise<void> {
  const write = server.ask("SET", "probe", "1");
  assert.equal(await Promise.race([write, new Promise((wake) => setTimeout(wake, 3000, "fenced"))]), "OK");
}

async function makeReplicaWithData(replica: RedisServer, master: RedisServer): Promise<void> {
  await makeReplica(replica, master);
  await master.ask("SET", "both", "1");
  await eventually(() => replica.ask("EXISTS", "both"));
}

/** Server12 was promoted, has all writes of server11 and more; server11 is still a master, too. */
async function promoteReplica(server11: RedisServer, server12: RedisServer): Promise<void> {
  await makeReplicaWithData(server12, server11);
  await server12.ask("REPLICAOF", "NO", "ONE");
  await server12.ask("SET", "only server12", "1");
}

describe("a node waits for its full copy while its Redis closes all client connections", () => {
  it("it goes on with a new connection", () =>
    withPair({}, async (pair, server, peer) => {
      await peer.ask("SET", "k", "v");
      await server.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      // Makes the full copy take so long.
      await peer.ask("CONFIG", "SET", "repl-diskless-sync-delay", "2");
      let testEnded = false;
      const proceed = () => {
        if (testEnded) throw new Stopped("the test is over");
      };
      const outcome = carryOut(pair, "MASTER", { proceed });
      try {
        await eventually(async () => (await info(server)).includes(`master_host:${peer.endpoint.host}`));
        await server.ask("CLIENT", "KILL", "TYPE", "normal");
        assert.equal((await within(20_000, outcome)).result, "done");
      } finally {
        // Otherwise a wait that never ends would keep the test process running for half an hour.
        testEnded = true;
      }
      assert.equal(await server.ask("GET", "k"), "v");
      assert.match(await info(server), /^role:master/m);
    }));
});

describe("a node that is promoted remembers who had resigned", () => {
  it("a master that hung then had, though it answers as a master again a moment later", () =>
    withPair({}, async (pair, server11, server12) => {
      await makeReplicaWithData(server11, server12);
      server12.hang();
      const open = before("REPLICAOF NO ONE", async () => server12.resume());
      assert.equal((await within(20_000, carryOut(pair, "MASTER", { open }))).result, "done");
      assert.match(await info(server12), /^role:master/m);
      assert.deepEqual(JSON.parse(readFileSync(pair.paths.promotion, "utf8")).resigned, ["server12"]);
    }));

  it("a master that answers had not: there was a split", () =>
    withPair({}, async (pair, server11, server12) => {
      await makeReplicaWithData(server11, server12);
      await server12.kill();
      const open = before("REPLICAOF NO ONE", async () => server12.start());
      assert.equal((await within(20_000, carryOut(pair, "MASTER", { open }))).result, "done");
      assert.deepEqual(JSON.parse(readFileSync(pair.paths.promotion, "utf8")).resigned, []);
    }));
});

describe("a server that took writes without a replication backlog, and was parked", () => {
  it("keeps them before it follows", () =>
    withPair({}, async (pair, server11, server12) => {
      await makeReplicaWithData(server11, server12);
      // A snapshot of its place in the history; a replica that starts from it has no backlog.
      await server11.ask("SAVE");
      await server11.stop();
      await server11.start(`replicaof ${parkedAt.host} ${parkedAt.port}`);
      await server11.ask("REPLICAOF", "NO", "ONE");
      assert.match(await info(server11), /^repl_backlog_active:0/m);
      await server11.ask("SET", "only server11", "1");
      await server12.ask("SET", "only server12", "1");
      await server11.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      const announced = async () =>
        (await server11.ask("PUBSUB", "NUMSUB", "keepalived-redis:sessions:keeping")) as unknown[];
      let whenPromoted: unknown[] = [];
      const open = before("REPLICAOF NO ONE", async () => {
        whenPromoted = await announced();
      });
      const { result, plans } = await carryOut(pair, "BACKUP", { open });
      assert.equal(result, "done");
      // No other node takes it for a master meanwhile.
      assert.equal(whenPromoted[1], 1);
      await eventually(async () => (await announced())[1] === 0);
      assert.ok(plans.flatMap(({ steps }) => steps).some((step) => step.do === "quarantine"));
      assert.equal(kept(pair).length, 1);
    }));
});

describe("a server that can't be promoted to keep its writes at once", () => {
  it("no longer says that it keeps them once the transition is over", () =>
    withPair({}, async (pair, server11, server12) => {
      await promoteReplica(server11, server12);
      await server11.ask("SET", "only server11", "1");
      await server11.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      const open = before("REPLICAOF NO ONE", async () => {
        throw new Error("as planted");
      });
      const { result } = await carryOut(pair, "BACKUP", { open });
      assert.equal(result, "done");
      assert.equal(kept(pair).length, 1);
      const announced = async () =>
        (await server11.ask("PUBSUB", "NUMSUB", "keepalived-redis:sessions:keeping")) as unknown[];
      await eventually(async () => (await announced())[1] === 0);
    }));
});

describe("a node waits for its full copy from a master", () => {
  it("that takes another masterauth than the cluster's password: it copies", () =>
    withPair({}, async (pair, server11, server12) => {
      await server12.ask("SET", "k", "v");
      await server12.ask("ACL", "SETUSER", "copier", "on", ">other", "+psync", "+replconf", "+ping");
      await server12.ask("CONFIG", "SET", "repl-diskless-sync-delay", "3");
      await server11.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      await server11.ask("CONFIG", "SET", "masterauth", "other");
      await server11.ask("CONFIG", "SET", "masteruser", "copier");
      const outcome = await within(25_000, carryOut(pair, "MASTER"));
      assert.equal(outcome.result, "done", outcome.why);
      assert.equal(await server11.ask("GET", "k"), "v");
    }));

  it("that rejects it: it says why, and does not wait", () =>
    withPair({}, async (pair, server11, server12) => {
      await server12.ask("SET", "k", "v");
      await server11.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      await server11.ask("CONFIG", "SET", "masterauth", "wrong");
      const outcome = await within(20_000, carryOut(pair, "MASTER"));
      assert.equal(outcome.result, "refused");
      assert.match(outcome.why ?? "", /its masterauth is not the cluster's password/);
    }));

  it("that hangs: it does not wait for the deadline of half an hour, and decides again", () =>
    withPair({}, async (pair, server11, server12) => {
      await server12.ask("SET", "k", "v");
      await server11.ask("SET", "k", "w");
      await server11.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      const open = before(`REPLICAOF ${server12.endpoint.host}`, async () => {
        server12.hang();
        // A signal takes effect a moment later, and Redis would begin to copy: then its data are incomplete, and a person is asked.
        await new Promise((wake) => setTimeout(wake, 300));
      });
      let testEnded = false;
      const proceed = () => {
        if (testEnded) throw new Stopped("the test is over");
      };
      try {
        const { result, plans, why } = await within(30_000, carryOut(pair, "MASTER", { open, proceed }));
        assert.equal(result, "done", why);
        assert.ok(plans[0]?.steps.some((step) => step.do === "wait-synced"));
        assert.equal(await server11.ask("GET", "k"), "w");
        await assertAcceptsWrites(server11);
      } finally {
        testEnded = true;
        server12.resume();
      }
    }));
});

describe("a Redis hangs while the virtual IP moves to a peer", () => {
  /** Carries out FAULT while the server hangs, runs `whileHanging`, and resumes the server. */
  async function hangs(pair: TestCluster, server: RedisServer, whileHanging = async () => {}): Promise<void> {
    server.hang();
    try {
      const outcome = carryOut(pair, "FAULT");
      // The commands are sent as soon as the server has not answered for a second.
      await new Promise((wake) => setTimeout(wake, 2000));
      await whileHanging();
      server.resume();
      const { result, plans } = await outcome;
      assert.equal(result, "done");
      assert.deepEqual(
        plans.flatMap(({ steps }) => steps.map((step) => step.do)),
        ["park-on-resume"],
      );
    } finally {
      server.resume();
    }
  }

  it("a master is parked when it is resumed, and its clients are disconnected", () =>
    withPair({}, async (pair, server11, server12) => {
      const client = connect(server11.endpoint.port, server11.endpoint.host);
      const gone = once(client, "close", { signal: AbortSignal.timeout(10_000) });
      await once(client, "connect");
      await hangs(pair, server11);
      await gone;
      await assert.rejects(server11.ask("SET", "probe", "1"), /READONLY/);
      assert.equal((await carryOut(pair, "MASTER")).result, "done");
      assert.equal(await server11.ask("SET", "probe", "1"), "OK");
      assert.match(await info(server12), /role:slave/, "the other master, which had no more writes, follows");
    }));

  it("a newer transition stops the wait for it, and that is no failure", () =>
    withPair({}, async (pair, server11) => {
      server11.hang();
      let newer = false;
      const timer = setTimeout(() => (newer = true), 2000);
      try {
        const proceed = () => {
          if (newer) throw new Superseded("MASTER");
        };
        const { result, plans } = await within(30_000, carryOut(pair, "FAULT", { proceed }));
        assert.deepEqual(
          plans.flatMap(({ steps }) => steps.map((step) => step.do)),
          ["park-on-resume"],
        );
        assert.equal(result, "superseded");
      } finally {
        clearTimeout(timer);
        server11.resume();
      }
    }));

  it("a replica is parked when it is resumed: its master may have come back with less data", () =>
    withPair({}, async (pair, server11, server12) => {
      await server11.ask("SET", "had", "1");
      await makeReplica(server11, server12);
      await server12.ask("SET", "had", "2");
      await eventually(async () => (await server11.ask("GET", "had")) === "2");
      await hangs(pair, server11, async () => {
        await server12.kill();
        await server12.start();
        await server12.ask("SET", "other", "1");
      });
      // An unparked Redis would have copied within two seconds.
      await new Promise((wake) => setTimeout(wake, 3000));
      assert.equal(await server11.ask("GET", "had"), "2");
      assert.equal((await carryOut(pair, "BACKUP")).result, "done");
      await eventually(async () => (await server11.ask("GET", "other")) === "1");
      assert.equal(kept(pair).length, 1);
    }));
});

describe("a transition is stopped while it fences Redis", () => {
  for (const [title, error, fenced] of [
    ["the fence is lifted if no other transition follows", new Stopped("told to stop"), false],
    [
      "the fence stays for a newer transition, so that a second master accepts no write in between",
      new Superseded("FAULT"),
      true,
    ],
  ] as const)
    it(title, () =>
      withPair({}, async (pair, server11, server12) => {
        await promoteReplica(server11, server12);
        await server11.ask("SET", "only server11", "1");
        await server12.ask("SET", "more", "than server11 has");
        let asked = 0;
        // The third call is after the fence, and before the steps that need it.
        const proceed = () => {
          if (++asked === 3) throw error;
        };
        const { result, plans } = await carryOut(pair, "FAULT", { proceed });
        assert.equal(result, "superseded");
        assert.equal(plans[0]?.steps[0]?.do, "fence");
        const write = server11.ask("SET", "probe", "1");
        const reply = await Promise.race([write, new Promise((wake) => setTimeout(wake, 1000, "fenced"))]);
        assert.equal(reply, fenced ? "fenced" : "OK");
        await server11.ask("CLIENT", "UNPAUSE");
        await write;
      }),
    );
});

describe("a client writes between the observation and the fence", () => {
  it("the acknowledged write is kept, although no write was at stake at the observation", () =>
    withPair({}, async (pair, server11, server12) => {
      await promoteReplica(server11, server12);
      const open = before("CLIENT PAUSE", () => server11.ask("SET", "late", "1"));
      const { result, plans } = await carryOut(pair, "BACKUP", { open });
      assert.equal(result, "done");
      assert.ok(plans.length > 1);
      await eventually(async () => (await info(server11)).includes("master_link_status:up"));
      assert.equal(await server11.ask("EXISTS", "late"), 0);
      const [file] = kept(pair);
      assert.ok(file?.endsWith(".aof"), `kept: ${file}`);
      assert.match(readFileSync(join(pair.paths.quarantine, file ?? ""), "latin1"), /\r\nlate\r\n/);
    }));

  it("so many writes that this master has more now: it keeps its role, and the fence is lifted", () =>
    withPair({}, async (pair, server11, server12) => {
      await promoteReplica(server11, server12);
      const open = before("CLIENT PAUSE", async () => {
        for (let i = 0; i < 20; i++) await server11.ask("SET", `late ${i}`, "1");
      });
      const { result } = await carryOut(pair, "BACKUP", { open });
      assert.equal(result, "done");
      assert.match(await info(server11), /role:master/);
      assert.deepEqual(kept(pair), []);
      await assertAcceptsWrites(server11);
    }));
});

describe("the virtual IP leaves while MASTER waits for a copy", () => {
  it("it stops before it takes the role over: the peer that it has promoted stays the only master", () =>
    withPair({ conf: ["repl-diskless-sync-delay 0"] }, async (pair, server11, server12) => {
      await makeReplica(server11, server12);
      await server12.ask("SET", "older", "1");
      await server11.ask("REPLICAOF", "127.0.0.1", "1");
      await server12.ask("SET", "newer", "1");
      await server12.ask("REPLICAOF", "127.0.0.1", "1");
      let holds = true;
      const open = before("REPLICAOF", async () => {
        holds = false;
      });
      const { result, why } = await carryOut(pair, "MASTER", { open }, () => holds);
      assert.equal(result, "superseded");
      assert.match(why ?? "", /the virtual IP has left this host/);
      assert.match(await info(server12), /role:master/);
      assert.match(await info(server11), /role:slave/);
    }));
});

describe("a newer transition stops an older one", () => {
  for (const step of ["CLIENT PAUSE", "REPLICAOF"]) {
    it(`after ${step}: no fence remains`, () =>
      withPair({}, async (pair, server11, server12) => {
        await promoteReplica(server11, server12);
        let stopped = false;
        const open = before(step, async () => {
          stopped = true;
        });
        const proceed = () => {
          if (stopped) throw new Stopped("superseded by MASTER");
        };
        const { result } = await carryOut(pair, "BACKUP", { open, proceed });
        assert.equal(result, "superseded");
        // As a master it accepts writes, as a replica it gets those of its master.
        if ((await info(server11)).includes("role:master")) return assertAcceptsWrites(server11);
        await server12.ask("SET", "after", "1");
        await eventually(() => server11.ask("EXISTS", "after"), 3000);
      }));
  }
});

describe("an observation is out of date when its step is carried out", () => {
  it("a peer that was promoted in the meantime, and took writes, is not made a replica", () =>
    withPair({}, async (pair, server11, server12) => {
      await makeReplica(server12, server11);
      await server12.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      let observations = 0;
      const open: OpenSession = async (endpoint, deadline_ms) => {
        const session = await openConnection(endpoint, deadline_ms);
        if (endpoint.host !== server12.endpoint.host) return session;
        return {
          ...session,
          async ask(...words) {
            const reply = await session.ask(...words);
            if (words[0] === "INFO" && ++observations === 1) {
              await server12.ask("REPLICAOF", "NO", "ONE");
              await server12.ask("SET", "acknowledged", "1");
            }
            return reply;
          },
        };
      };
      const { plans } = await carryOut(pair, "MASTER", { open });
      assert.ok(plans.some(({ steps }) => steps.some((step) => step.do === "follow")));
      assert.match(await info(server12), /role:master/);
      assert.equal(await server12.ask("EXISTS", "acknowledged"), 1);
    }));
});

describe("a holder that is cut off", () => {
  it("refuses, and fences the local Redis", () =>
    // No host can connect to this address.
    withPair({ failover: 'witnesses = ["255.255.255.255:1"]' }, async (pair, server11, server12) => {
      await server12.kill();
      const { result, why, remedy } = await carryOut(pair, "MASTER");
      assert.equal(result, "refused", why);
      assert.ok(remedy);
      const write = server11.ask("SET", "probe", "1").catch(() => "ended");
      assert.equal(await Promise.race([write, new Promise((wake) => setTimeout(wake, 300, "fenced"))]), "fenced");
    }));
});
