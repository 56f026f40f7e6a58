import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dumpsOf, lostForGood } from "../lab/chaos/dumps.ts";
import type { Lab, LabOptions } from "../lab/lab.ts";
import { isPair, serves } from "../lab/roles.ts";
import { scenario } from "../lab/scenario.ts";

/** Clusters whose settings differ from those of the other scenarios, from a crash to a split. */

const settings: Record<string, LabOptions> = {
  "TLS with certificates from both sides": { redis: { tls: true } },
  "TLS, and dumps": { redis: { tls: true }, cluster: { failover: { quarantine: "dump" } } },
  IPv6: { cluster: { vip: { address: "2001:db8::120/64" } }, redis: { conf: ["bind * -::*"] } },
  multicast: { cluster: { vip: { unicast: false } } },
  "VRRPv2 with a password": { cluster: { vip: { auth_password: "1fish2fi" } } },
};

for (const [what, options] of Object.entries(settings))
  for (const profile of ["hooks", "agent"] as const)
    scenario(
      `${what}, profile ${profile}: a crash, a return, a switchover and a split`,
      { ...options, profile, seconds: 120 },
      wholeLife,
    );

async function wholeLife(lab: Lab): Promise<void> {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const writing = await client.writeThroughVip();
  const more = () => writing.acknowledged(writing.progress.acknowledged + 300);
  await more();
  await server11.killRedis();
  await lab.until(() => serves(server12), 15, "server12 took over");
  await more();
  await server11.startRedis();
  await lab.until(() => isPair(server12, server11), 20, "server11 follows");
  const { code, stderr } = await server12.run(["switchover", "--to", "server11"], { deadline_ms: 40_000 });
  assert.equal(code, 0, stderr);
  await lab.until(() => isPair(server11, server12), 20, "server11 is master again");
  await more();
  await server11.cutOff({ silently: true });
  await lab.until(() => serves(server12), 15, "server12 took over from a master that it does not hear");
  await server11.redis("SET", "own", "1");
  await more();
  await server11.heal();
  const settled = async () => (await isPair(server11, server12)) || (await isPair(server12, server11));
  await lab.until(settled, 30, "one of them follows the other one");
  const report = await writing.stop();
  const [master, replica] = (await serves(server11)) ? [server11, server12] : [server12, server11];
  // Which one stays depends on when clients find the virtual IP again. What the other one took alone is kept there.
  const kept = dumpsOf([replica]).map((path) => readFileSync(path, "latin1"));
  assert.notEqual(kept.length, 0, "nothing is kept");
  const own = (await master.redis("GET", "own")) === "1" || kept.some((text) => text.includes("own"));
  assert.ok(own, "the write of server11 is gone");
  const lost = await lostForGood(await lab.lostWrites(report, master), report, [replica]);
  // Those on their way at the crash.
  assert.ok(lost.length < 50, `${lost.length} writes are lost`);
  const failed = lab.servers.flatMap((server) => server.hookRuns()).filter(({ result }) => result === "failed");
  assert.deepEqual(failed, []);
}
