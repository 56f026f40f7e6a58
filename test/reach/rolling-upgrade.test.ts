import assert from "node:assert/strict";
import { test } from "node:test";
import type { Writing } from "../lab/client/writing.ts";
import type { Lab, LabOptions } from "../lab/lab.ts";
import { isPair, serves } from "../lab/roles.ts";
import { scenario } from "../lab/scenario.ts";
import { built, generateConfig } from "../lab/server/install.ts";
import { binFolder, type Server } from "../lab/server/server.ts";

/** One host after the other is upgraded while a client writes: old and new work together. `npm run reach` sets these. */

/** The tree of a newer system: other versions of Redis, Keepalived and Node. */
const newerSystem = process.env.KEEPALIVED_REDIS_NEWER;
/** The folder of older executables. */
const olderExecutables = process.env.KEEPALIVED_REDIS_OLDER;

for (const profile of ["hooks", "agent"] as const) {
  upgrade(
    `the system of the replica's host, then of the master's, profile ${profile}`,
    newerSystem,
    { profile },
    (lab) =>
      rolling(lab, async (server) => {
        await server.powerOff();
        server.system = newerSystem ?? "";
        await server.powerOn();
        await server.startRedis();
        if (lab.withAgents) await server.startAgent();
        await server.startKeepalived();
      }),
  );

  upgrade(
    `the executables of the replica's host, then of the master's, profile ${profile}`,
    olderExecutables,
    { profile, ...(olderExecutables === undefined ? {} : { dist: olderExecutables }) },
    async (lab) => {
      const { server11, server12 } = lab;
      await rolling(
        lab,
        async (server) => {
          await replaceExecutables(server);
          await generateConfig(server, profile);
          await server.reloadKeepalived();
          if (!lab.withAgents) return;
          await server.stopAgent();
          await server.startAgent();
        },
        async (writing) => {
          // server11 has the old ones, server12 the new ones.
          await server11.killRedis();
          await lab.until(() => serves(server12), 15, "the new one takes over from the old one");
          await writing.acknowledged(writing.progress.acknowledged + 300);
          await server11.startRedis();
          await lab.until(() => isPair(server12, server11), 20, "the old one follows");
          await server12.hangRedis();
          await lab.until(() => serves(server11), 15, "the old one takes over from the new one");
          await writing.acknowledged(writing.progress.acknowledged + 300);
          await server12.resumeRedis();
          await lab.until(() => isPair(server11, server12), 20, "the new one follows");
        },
      );
    },
  );
}

function upgrade(
  what: string,
  given: string | undefined,
  options: LabOptions,
  body: (lab: Lab) => Promise<void>,
): void {
  if (given === undefined) test(what, { skip: "npm run reach has what it needs" });
  else scenario(what, { ...options, seconds: 150 }, body);
}

/** Upgrades server12, does `between`, moves the role there, and upgrades server11. */
async function rolling(
  lab: Lab,
  upgradeOf: (server: Server) => Promise<void>,
  between?: (writing: Writing) => Promise<void>,
): Promise<void> {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const writing = await client.writeThroughVip();
  await upgradeOf(server12);
  await lab.until(() => isPair(server11, server12), 30, "server12 follows, upgraded");
  const before = await between?.(writing).then(() => writing.progress.acknowledged);
  const move = await server11.run(["switchover", "--to", "server12"], { deadline_ms: 40_000 });
  assert.equal(move.code, 0, move.stderr);
  await lab.until(() => serves(server12), 10, "server12 serves");
  await writing.acknowledged(writing.progress.acknowledged + 300);
  await upgradeOf(server11);
  await lab.until(() => isPair(server12, server11), 30, "server11 follows, upgraded");
  const back = await server12.run(["switchover", "--to", "server11"], { deadline_ms: 40_000 });
  assert.equal(back.code, 0, back.stderr);
  await lab.until(() => isPair(server11, server12), 20, "server11 is master again");
  await writing.acknowledged(writing.progress.acknowledged + 300);
  const report = await writing.stop();
  // A crash may lose writes on their way; nothing else here does.
  const lost = await lab.lostWrites(report, server11);
  assert.ok(lost.length <= (before === undefined ? 0 : 50), `${lost.length} acknowledged writes are lost`);
}

// By renames, as a package does: a check or a hook may start meanwhile.
async function replaceExecutables(server: Server): Promise<void> {
  server.disk.install(built, `${binFolder}.new`);
  await server.must(["sh", "-c", `mv -f ${binFolder}.new/* ${binFolder}/`]);
}
