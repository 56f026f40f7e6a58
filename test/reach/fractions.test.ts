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
/** For the medians in docs/generate-config.md: FRACTION_CRASHES=10. */
const crashes = Number(process.env.FRACTION_CRASHES ?? 1);

/** What Keepalived has said of the check, and of what follows from it. */
const complaints = (server: Server): string[] =>
  server
    .keepalivedLog()
    .split("\n")
    .filter((line) => /now returning|VRRP_Script\(|FAULT/.test(line));

/** Its last check found it fit: Keepalived would give it the virtual IP at once. */
const isFit = (server: Server): boolean =>
  server
    .log()
    .filter(({ event }) => event === "verdict")
    .at(-1)?.healthy === true;

/** Crashes one master after the other. Prints the gaps. */
async function crash(lab: Lab): Promise<void> {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const before = [server11, server12].map(complaints);
  const writing = await client.writeThroughVip();
  await sleep(1000 * calm_s);
  assert.deepEqual([server11, server12].map(complaints), before);
  const outages: [from_ms: number, until_ms: number][] = [];
  for (let nth = 0; nth < crashes; nth++) {
    const [master, replica] = nth % 2 === 0 ? [server11, server12] : [server12, server11];
    await sleep(1000 * Math.random());
    const killed_ms = monotonic_ms();
    await master.killRedis();
    await lab.until(() => serves(replica), 15, `${replica.name} took over`);
    await writing.acknowledged(writing.progress.acknowledged + 300);
    outages.push([killed_ms, monotonic_ms()]);
    await master.startRedis();
    await lab.until(() => isPair(replica, master), 20, `${master.name} follows`);
    await lab.until(() => isFit(master), 20, `${master.name} is fit`);
  }
  const report = await writing.stop();
  const gaps = outages.map(([from_ms, until_ms]) => longestGapAfter(report, from_ms, until_ms).ms);
  gaps.sort((one, other) => one - other);
  const median = gaps[gaps.length >> 1] ?? 0;
  console.log(
    `  ${gaps.map((ms) => ms.toFixed(0)).join(" ")} ms without a write, median ${median.toFixed(0)}, ${version}`,
  );
}

if (takesFractions)
  for (const profile of ["hooks", "agent"] as const)
    for (const interval of crashes > 1 ? [1, 0.5, 0.26] : [0.5, 0.26])
      scenario(
        `a check every ${interval} s, profile ${profile}: a crash, and no alarm before`,
        { profile, cluster: { monitor: { interval } }, seconds: 60 + 20 * crashes },
        crash,
      );
else test("fractions of a second between the checks", { skip: `Keepalived ${version} has none` }, () => undefined);
