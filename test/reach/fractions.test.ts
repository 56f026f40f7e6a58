import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { longestGapAfter } from "../lab/client/write-rates.ts";
import type { Lab } from "../lab/lab.ts";
import { monotonic_ms, sleep } from "../lab/machine/process.ts";
import { isPair, serves } from "../lab/roles.ts";
import { scenario } from "../lab/scenario.ts";
import type { Server } from "../lab/server/server.ts";

/** Fractions of a second between the checks, which Keepalived takes from 2.3.2 on. */

const { stdout, stderr } = spawnSync("keepalived", ["--version"], { encoding: "utf8" });
const version = /Keepalived v([\d.]+)/.exec(`${stdout}${stderr}`)?.[1] ?? "";
const numbers = version.split(".").map(Number);
const takesFractions = numbers.reduce((sum, part) => 1000 * sum + part, 0) >= 2_003_002;
const calm_s = 10;

/** What Keepalived has said of the check, and of what follows from it. */
const complaints = (server: Server): string[] =>
  server
    .keepalivedLog()
    .split("\n")
    .filter((line) => /now returning|VRRP_Script\(|FAULT/.test(line));

async function crash(lab: Lab): Promise<void> {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const before = [server11, server12].map(complaints);
  const writing = await client.writeThroughVip();
  await sleep(1000 * calm_s);
  assert.deepEqual([server11, server12].map(complaints), before);
  const killed_ms = monotonic_ms();
  await server11.killRedis();
  await lab.until(() => serves(server12), 15, "server12 took over");
  await writing.acknowledged(writing.progress.acknowledged + 300);
  await server11.startRedis();
  await lab.until(() => isPair(server12, server11), 20, "server11 follows");
  const report = await writing.stop();
  console.log(`  ${longestGapAfter(report, killed_ms).ms.toFixed(0)} ms without a write, ${version}`);
}

if (takesFractions)
  for (const profile of ["hooks", "agent"] as const)
    for (const interval of [0.5, 0.26])
      scenario(
        `a check every ${interval} s, profile ${profile}: a crash, and no alarm before`,
        { profile, cluster: { monitor: { interval } } },
        crash,
      );
else test("fractions of a second between the checks", { skip: `Keepalived ${version} has none` }, () => undefined);
