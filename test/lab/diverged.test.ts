import assert from "node:assert/strict";
import type { Lab } from "./lab.ts";
import { sleep } from "./machine/process.ts";
import { isPair, serves } from "./roles.ts";
import { scenario } from "./scenario.ts";

/** A split under load, in which programs on the cut-off host go on writing there: what becomes of their writes. */

/** Sends each command, as a program on the host of server11 does, and returns those that were acknowledged. */
async function writeAt11({ server11 }: Lab, commands: readonly string[][]): Promise<string[][]> {
  const socket = server11.redisSocket();
  const acknowledged: string[][] = [];
  try {
    for (const command of commands) {
      await socket.ask(command);
      acknowledged.push(command);
    }
  } finally {
    socket.close();
  }
  return acknowledged;
}

const ofServer11: string[][] = [
  ...Array.from({ length: 200 }, (_, n) => ["SET", `own:${n}`, `value ${n}`]),
  ["SET", "shared:1", "eleven"],
  ["RPUSH", "queue", "job 1", "job 2"],
  ["HSET", "profile", "name", "Anna", "town", "Bergen"],
  ["ZADD", "scores", "1", "a", "2", "b"],
  ["SADD", "tags", "x", "y"],
  ["XADD", "events", "1-1", "kind", "login"],
  ["SET", "session", "token", "EX", "1000"],
  ["SELECT", "3"],
  ["SET", "three", "3"],
  ["INCRBY", "counter", "5"],
];

/** Cuts server11 off, lets both sides write, and waits until server11 follows server12. */
async function split(lab: Lab) {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const writing = await client.writeThroughVip();
  await writing.acknowledged(500);
  await server11.cutOff({ silently: true });
  const kept = await writeAt11(lab, ofServer11);
  await lab.until(() => serves(server12), 15, "server12 took over");
  await server12.redis("SET", "shared:1", "twelve");
  await writing.acknowledged(writing.progress.acknowledged + 500);
  await sleep(1000);
  await server11.heal();
  await lab.until(() => isPair(server12, server11), 30, "server12 serves and server11 follows");
  await writing.stop();
  return kept;
}

async function assertApplied({ server12 }: Lab): Promise<void> {
  assert.equal(await server12.redis("GET", "own:199"), "value 199");
  assert.deepEqual(await server12.redis("LRANGE", "queue", "0", "-1"), ["job 1", "job 2"]);
  assert.equal(await server12.redis("HGET", "profile", "town"), "Bergen");
  assert.equal(await server12.redis("ZSCORE", "scores", "b"), "2");
  assert.equal(await server12.redis("SCARD", "tags"), 2);
  assert.equal(await server12.redis("XLEN", "events"), 1);
  assert.ok(Number(await server12.redis("TTL", "session")) > 0);
  assert.equal(await server12.redis("GET", "shared:1"), "twelve");
}

// As in the redis.conf that generate-config prints.
const redis = { conf: ["repl-backlog-size 64mb"] };

for (const profile of ["hooks", "agent"] as const) {
  scenario(
    `the writes of the cut-off side are kept as they were, and applied but for keys of both sides, profile ${profile}`,
    { profile, redis, cluster: { agent: { listen: "0.0.0.0:9121" } }, seconds: 90, long: profile === "agent" },
    async (lab) => {
      const { server11, server12 } = lab;
      const acknowledged = (await split(lab)).filter(([name]) => name !== "SELECT");
      const shown = await server11.run(["diverged", "show", "latest", "--json"]);
      assert.equal(shown.code, 0, shown.stderr);
      const units = JSON.parse(shown.stdout) as { database: number; command: string; args: string[] }[][];
      // The clients' last writes before the cut may be among them.
      const ours = units.flat().filter(({ args: [key = ""] }) => !key.startsWith("w"));
      assert.deepEqual(
        ours.map(({ command, args: [key] }) => `${command} ${key}`),
        acknowledged.map(([name, key]) => `${name} ${key}`),
      );
      assert.deepEqual([...new Set(ours.map(({ database }) => database))], [0, 3]);
      const elsewhere = await server12.run(["diverged", "list"]);
      assert.match(
        elsewhere.stdout,
        profile === "agent"
          ? /^server11 {2}1 .* writes +\d+ writes .* not applied /m
          : /^server11: not known, its agent does not answer at 192\.0\.2\.11:9121 \(.*ECONNREFUSED.*\)/m,
      );
      assert.match(elsewhere.stdout, /^server12: nothing is kept$/m);
      const applied = await server11.run(["diverged", "apply", "latest", "--json"]);
      assert.equal(applied.code, 0, applied.stderr);
      const { conflicts } = JSON.parse(applied.stdout) as { conflicts: { key: string; why: string }[] };
      assert.deepEqual([...new Set(conflicts.map(({ why }) => why))], ["both sides changed this key"]);
      assert.deepEqual(
        conflicts.map(({ key }) => key).filter((key) => !key.startsWith("w")),
        ["shared:1"],
      );
      await assertApplied(lab);
    },
  );

  scenario(
    `with diverged_writes = "apply" they come back by themselves, profile ${profile}`,
    { profile, redis, cluster: { failover: { diverged_writes: "apply" } }, seconds: 90, long: profile === "hooks" },
    async (lab) => {
      await split(lab);
      const done = () => lab.server11.log().some(({ event }) => event === "diverged-applied");
      await lab.until(done, 20, "server11 has applied its writes");
      await assertApplied(lab);
    },
  );
}

scenario(
  "recover-master on a node with writes of its own keeps them, and applies them too",
  { cluster: { failover: { diverged_writes: "apply" } } },
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    await server12.stopKeepalived();
    await server12.redis("REPLICAOF", "NO", "ONE");
    await server12.redis("SET", "own", "twelve");
    const { code, stderr } = await server12.run(["recover-master"], { deadline_ms: 60_000 });
    assert.equal(code, 0, stderr);
    await lab.until(async () => (await server11.redis("GET", "own")) === "twelve", 20, "the write is on server11");
    await lab.until(() => isPair(server11, server12), 20, "server11 serves and server12 follows");
  },
);
