import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
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
import { follows, withPair } from "./pair.ts";
import type { RedisServer } from "./servers.ts";
import { eventually } from "./wait.ts";

/** Carries a transition out on server11, in this process. */
function carryOut(of: TestCluster, transition: Transition, more: Partial<PlanContext> = {}): Promise<Outcome> {
  const { cluster, password, paths } = of;
  const [node] = cluster.nodes;
  assert.ok(node);
  const run: PlanContext = {
    ...{
      cluster,
      node,
      password,
      paths,
      log: silentLog,
      open: openConnection,
      allowDataLoss: false,
      proceed: () => {},
    },
    ...{ quarantineFolder: paths.quarantine, ...more },
  };
  return carryOutTransition(run, { transition, holdsVip: () => transition === "MASTER", dryRun: false });
}

/** Sessions at which something happens once, right before that command goes out. */
function before(command: string, deed: () => Promise<unknown>): OpenSession {
  let done = false;
  return async (endpoint, deadline_ms) => {
    const session = await openConnection(endpoint, deadline_ms);
    return {
      ...session,
      async ask(...words) {
        if (!done && words.join(" ").startsWith(command)) {
          done = true;
          await deed();
        }
        return session.ask(...words);
      },
    };
  };
}

const info = async (server: RedisServer) => String(await server.ask("INFO", "replication"));
const dumps = ({ paths }: TestCluster): string[] => {
  try {
    return readdirSync(paths.quarantine).filter((name) => name.endsWith(".rdb"));
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

/** Writes are let through at once. */
async function takesWrites(server: RedisServer): Promise<void> {
  const write = server.ask("SET", "probe", "1");
  assert.equal(await Promise.race([write, new Promise((wake) => setTimeout(wake, 3000, "held back"))]), "OK");
}

/** Server12 was promoted, and has all that server11 has, which is still a master, too. */
async function formerMaster(server11: RedisServer, server12: RedisServer): Promise<void> {
  await follows(server12, server11);
  await server11.ask("SET", "both", "1");
  await eventually(() => server12.ask("EXISTS", "both"));
  await server12.ask("REPLICAOF", "NO", "ONE");
  await server12.ask("SET", "only server12", "1");
}

describe("a node waits for its copy while another one takes the role over and ends the sessions of its clients", () => {
  it("goes on over a new session", () =>
    withPair({}, async (of, server, peer) => {
      await peer.ask("SET", "k", "v");
      await server.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      // So long the copy takes.
      await peer.ask("CONFIG", "SET", "repl-diskless-sync-delay", "2");
      let over = false;
      const proceed = () => {
        if (over) throw new Stopped("the test is over");
      };
      const outcome = carryOut(of, "MASTER", { proceed });
      try {
        await eventually(async () => (await info(server)).includes(`master_host:${peer.endpoint.host}`));
        await server.ask("CLIENT", "KILL", "TYPE", "normal");
        assert.equal((await within(20_000, outcome)).result, "done");
      } finally {
        // A wait that never ends would keep the runner for half an hour.
        over = true;
      }
      assert.equal(await server.ask("GET", "k"), "v");
      assert.match(await info(server), /^role:master/m);
    }));
});

describe("a node waits for its copy of a master", () => {
  it("that has gone without a word: it doesn't wait for the rest of half an hour, and decides anew", () =>
    withPair({}, async (of, server11, server12) => {
      await server12.ask("SET", "k", "v");
      await server11.ask("SET", "k", "w");
      await server11.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      const open = before(`REPLICAOF ${server12.endpoint.host}`, async () => server12.hang());
      let over = false;
      const proceed = () => {
        if (over) throw new Stopped("the test is over");
      };
      try {
        const { result, plans } = await within(30_000, carryOut(of, "MASTER", { open, proceed }));
        assert.equal(result, "done");
        assert.ok(plans[0]?.steps.some((step) => step.do === "wait-synced"));
        assert.equal(await server11.ask("GET", "k"), "w");
        await takesWrites(server11);
      } finally {
        over = true;
        server12.resume();
      }
    }));
});

describe("a node hangs while the virtual IP goes elsewhere", () => {
  /** Its notify-fault runs while it hangs, and `meanwhile` the world goes on. */
  async function hangs(of: TestCluster, server: RedisServer, meanwhile = async () => {}): Promise<void> {
    server.hang();
    try {
      const { result, plans } = await carryOut(of, "FAULT");
      assert.equal(result, "done");
      assert.deepEqual(
        plans.flatMap(({ steps }) => steps.map((step) => step.do)),
        ["park-on-resume"],
      );
      await meanwhile();
    } finally {
      server.resume();
    }
  }

  it("a master finds word to take no more writes when it goes on, and its clients are sent away", () =>
    withPair({}, async (of, server11, server12) => {
      const client = connect(server11.endpoint.port, server11.endpoint.host);
      const gone = once(client, "close", { signal: AbortSignal.timeout(10_000) });
      await once(client, "connect");
      await hangs(of, server11);
      await gone;
      await assert.rejects(server11.ask("SET", "probe", "1"), /READONLY/);
      assert.equal((await carryOut(of, "MASTER")).result, "done");
      assert.equal(await server11.ask("SET", "probe", "1"), "OK");
      assert.match(await info(server12), /role:slave/, "the other master, which had nothing more, follows");
    }));

  it("a replica finds word to copy nothing when it goes on: its master may have come back with less", () =>
    withPair({}, async (of, server11, server12) => {
      await server11.ask("SET", "had", "1");
      await follows(server11, server12);
      await server12.ask("SET", "had", "2");
      await eventually(async () => (await server11.ask("GET", "had")) === "2");
      await hangs(of, server11, async () => {
        await server12.kill();
        await server12.start();
        await server12.ask("SET", "other", "1");
      });
      // Redis would have copied by itself within a second or two.
      await new Promise((wake) => setTimeout(wake, 3000));
      assert.equal(await server11.ask("GET", "had"), "2");
      assert.equal((await carryOut(of, "BACKUP")).result, "done");
      await eventually(async () => (await server11.ask("GET", "other")) === "1");
      assert.equal(dumps(of).length, 1);
    }));
});

describe("a transition is given up amid its fence", () => {
  for (const [title, error, held] of [
    ["writes are let through where nobody comes after it", new Stopped("told to stop"), false],
    [
      "a newer one finds the fence as it stands, so that a second master takes nothing meanwhile",
      new Superseded("FAULT"),
      true,
    ],
  ] as const)
    it(title, () =>
      withPair({}, async (of, server11, server12) => {
        await formerMaster(server11, server12);
        await server11.ask("SET", "only server11", "1");
        await server12.ask("SET", "more", "than server11 has");
        let asked = 0;
        // Before the look, before the fence, and before what it is for.
        const proceed = () => {
          if (++asked === 3) throw error;
        };
        const { result, plans } = await carryOut(of, "FAULT", { proceed });
        assert.equal(result, "superseded");
        assert.equal(plans[0]?.steps[0]?.do, "fence");
        const write = server11.ask("SET", "probe", "1");
        const said = await Promise.race([write, new Promise((wake) => setTimeout(wake, 1000, "held back"))]);
        assert.equal(said, held ? "held back" : "OK");
        await server11.ask("CLIENT", "UNPAUSE");
        await write;
      }),
    );
});

describe("a client writes between the look and the fence", () => {
  it("what it was told is written is kept as a dump, though there had been nothing to lose", () =>
    withPair({}, async (of, server11, server12) => {
      await formerMaster(server11, server12);
      const open = before("CLIENT PAUSE", () => server11.ask("SET", "late", "1"));
      const { result, plans } = await carryOut(of, "BACKUP", { open });
      assert.equal(result, "done");
      assert.ok(plans.length > 1);
      await eventually(async () => (await info(server11)).includes("master_link_status:up"));
      assert.equal(await server11.ask("EXISTS", "late"), 0);
      const [dump] = dumps(of);
      assert.ok(dump, "no dump");
      await server11.kill();
      await server11.start(`dir ${of.paths.quarantine}`, `dbfilename ${dump}`);
      await eventually(() => server11.ask("EXISTS", "late").catch(() => 0));
    }));

  it("so many that it is the fuller one now: it keeps its role, and no write is held back", () =>
    withPair({}, async (of, server11, server12) => {
      await formerMaster(server11, server12);
      const open = before("CLIENT PAUSE", async () => {
        for (let i = 0; i < 20; i++) await server11.ask("SET", `late ${i}`, "1");
      });
      const { result } = await carryOut(of, "BACKUP", { open });
      assert.equal(result, "done");
      assert.match(await info(server11), /role:master/);
      assert.deepEqual(dumps(of), []);
      await takesWrites(server11);
    }));
});

describe("a newer transition comes amid an older one", () => {
  for (const step of ["CLIENT PAUSE", "REPLICAOF"]) {
    it(`after ${step}: nothing is left held back`, () =>
      withPair({}, async (of, server11, server12) => {
        await formerMaster(server11, server12);
        let stopped = false;
        const open = before(step, async () => {
          stopped = true;
        });
        const proceed = () => {
          if (stopped) throw new Stopped("superseded by MASTER");
        };
        const { result } = await carryOut(of, "BACKUP", { open, proceed });
        assert.equal(result, "superseded");
        // It takes writes as a master, or its master's stream as a replica.
        if ((await info(server11)).includes("role:master")) return takesWrites(server11);
        await server12.ask("SET", "after", "1");
        await eventually(() => server11.ask("EXISTS", "after"), 3000);
      }));
  }
});

describe("what a look said may be old when its step comes", () => {
  it("another node is not made a replica of ours when it was promoted meanwhile, and took writes", () =>
    withPair({}, async (of, server11, server12) => {
      await follows(server12, server11);
      await server12.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      let looks = 0;
      const open: OpenSession = async (endpoint, deadline_ms) => {
        const session = await openConnection(endpoint, deadline_ms);
        if (endpoint.host !== server12.endpoint.host) return session;
        return {
          ...session,
          async ask(...words) {
            const reply = await session.ask(...words);
            if (words[0] === "INFO" && ++looks === 1) {
              await server12.ask("REPLICAOF", "NO", "ONE");
              await server12.ask("SET", "acknowledged", "1");
            }
            return reply;
          },
        };
      };
      const { plans } = await carryOut(of, "MASTER", { open });
      assert.ok(plans.some(({ steps }) => steps.some((step) => step.do === "follow")));
      assert.match(await info(server12), /role:master/);
      assert.equal(await server12.ask("EXISTS", "acknowledged"), 1);
    }));
});

describe("a holder that is cut off", () => {
  it("refuses, and holds writes back", () =>
    // An address to which no host can connect.
    withPair({ failover: 'witnesses = ["255.255.255.255:1"]' }, async (of, server11, server12) => {
      await server12.kill();
      const { result, why, remedy } = await carryOut(of, "MASTER");
      assert.equal(result, "refused", why);
      assert.match(String(remedy), /repair the network/);
      const write = server11.ask("SET", "probe", "1").catch(() => "ended");
      assert.equal(await Promise.race([write, new Promise((wake) => setTimeout(wake, 300, "held back"))]), "held back");
    }));
});
