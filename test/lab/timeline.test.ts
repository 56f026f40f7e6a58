import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../../scripts/checks.ts";
import { Faults } from "./chaos/faults.ts";
import { type Kind, kinds, planOfWords } from "./chaos/plan.ts";
import { RunSampler } from "./chaos/redis-runs.ts";
import { waitForPair } from "./chaos/wait-for-pair.ts";
import type { Lab } from "./lab.ts";
import { sleep } from "./machine/process.ts";
import { scenario } from "./scenario.ts";

/** Each fault of the random faults alone, and what the first line of `timeline` says of it, from the logs of both nodes. */

const operator = "an operator ran switchover on server11";
const down = "the Redis of server11 was down";
const hung = "the Redis of server11 hung";
const cut = "the network between server11 and server12 was cut";
const silent = "server11 was not heard by server12";
const noMaster = "no master answered server12";
const roleTaken = "another node took the role of server11 without hearing it (VRRP)";
const notHeard = "server12 took the role of server11, which it did not hear (VRRP)";
const dead = "Keepalived of server11 was dead or hung";
const stopped = "Keepalived of server11 was stopped";
const fault = "Keepalived put server11, the master, into FAULT";
const backup = "Keepalived of server11 reported BACKUP";
const lossy = "the connection of server12 to server11 broke";
const lossyToo = "the connection of server11 to server12 broke";
/** No node notices it: no incident. */
const nothing = "";

type Told = readonly [agent: readonly string[], hooks: readonly string[]];
const both = (...told: string[]): Told => [told, told];

/** What happens to server11, the master, and what the first line may begin with. */
const table: Readonly<Record<Kind, Told>> = {
  "kill-redis": both(down),
  "hang-redis": both(hung),
  "sleep-redis": both(hung),
  "restart-redis": both(down),
  "restart-redis-killed": both(down),
  "restart-redis-old": both(down),
  "restart-redis-empty": both(down),
  "cold-start": both(down, "the Redis of server12 was down"),
  "crash-last-node": [["server12 was not heard by server11"], ["no master answered server11", down]],
  "slow-commands": [[hung], [nothing, hung]],
  "write-script": both(hung),
  "expire-keys": both(nothing),
  "cut-link": [[cut], [noMaster]],
  "cut-link-one-way": [[cut], [noMaster]],
  "cut-off": [[cut, fault], [fault]],
  "cut-off-silently": [[cut], [noMaster]],
  "cut-from-client": both(nothing),
  "slow-network": both(nothing, lossy, lossyToo),
  "slow-link": both(nothing, lossy, lossyToo),
  "block-vrrp": both(roleTaken, notHeard),
  "block-vrrp-one-way": both(roleTaken, notHeard),
  "stop-keepalived": both(stopped),
  "kill-keepalived": [[dead], [notHeard]],
  "hang-keepalived": [[dead], [notHeard]],
  "reload-keepalived": both(nothing, backup),
  "kill-hook": both(down),
  "fill-disk": [[cut], [noMaster]],
  drain: both("server11 was asked to give the virtual IP away"),
  "planned-move": both(operator),
  "power-off": [[silent], [noMaster]],
  "pause-host": [[silent], [noMaster]],
  "wrong-masterauth": both("server12 was unfit: link-down"),
  // An agent that is logged in notices nothing; the repair has it read the password again.
  "wrong-password": [["the cluster file of server11"], ["server11 went on serving with a fault: password"]],
  "kill-agent": [["the agent of server11 was killed or crashed"], []],
  "hang-agent": [["the agent of server11 stood still"], []],
};

/** These have an effect only together with another fault, on the replica, or after the time that the agent needs to be sure. */
const otherPlans: Partial<Record<Kind, string>> = {
  "hang-keepalived": "@0 hang-keepalived master for 6000; heal @7000 redis,keepalived,network",
  "kill-hook": "@0 kill-hook replica for 20; @100 kill-redis master; heal @3000 redis,keepalived,network",
  "fill-disk": "@0 fill-disk master; @100 cut-off-silently master for 3000; heal @6000 redis,keepalived,network",
  "wrong-masterauth": "@0 wrong-masterauth replica for 3000; heal @4000 redis,keepalived,network",
  "crash-last-node": "@0 crash-last-node master; heal @7000 redis,keepalived,network",
};

/** The others come with `npm run test:lab`. */
const inEveryRun: readonly Kind[] = ["hang-keepalived", "hang-agent"];

/** What both nodes log from then on, until master and replica are in sync again. Rejects if a fault had no effect. */
async function logsOf(lab: Lab, words: string): Promise<string> {
  const begin = lab.servers.map((server) => server.logText().length);
  const sampler = new RunSampler(lab.servers);
  const printed: string[] = [];
  const print = (text: string) => {
    console.log(text);
    printed.push(text);
  };
  const faults = new Faults(lab, sampler, print);
  const plan = planOfWords(words);
  await faults.prepare(plan);
  const writing = await lab.client.writeThroughVip({ connections: 2 });
  await writing.acknowledged(300);
  await faults.carryOut(plan, lab.server11, [lab.server12]);
  await waitForPair(lab, writing, console.log, { typed: (work) => work() });
  await writing.stop();
  await sampler.stop();
  // A hook may still be at work.
  await sleep(2000);
  // A fault that did not happen is no incident, either.
  assert.deepEqual(
    printed.filter((text) => text.includes(": no effect: ")),
    [],
  );
  // Beside an agent a hook may have ended before it is found.
  if (words.includes("kill-hook") && !lab.withAgents)
    assert.ok(
      printed.some((text) => text.startsWith("killed notify-")),
      "no hook was killed",
    );
  const before = lab.servers.map((server) => earlier(server.logText()));
  return [...before, ...lab.servers.map((server, index) => server.logText().slice(begin[index]))].join("");
}

/** The first line of this log as one of ten minutes before: a node that logs nothing of an incident has logged something at some time. */
function earlier(log: string): string {
  const line = JSON.parse(log.slice(0, log.indexOf("\n"))) as { timestamp: string };
  const timestamp = new Date(Date.parse(line.timestamp) - 600_000).toISOString();
  return `${JSON.stringify({ ...line, timestamp })}\n`;
}

function firstLineOf(log: string): string {
  const { stdout } = spawnSync(process.execPath, [join(root, "dist/timeline"), "--since", "5m", "-"], {
    input: log,
    encoding: "utf8",
    timeout: 20_000,
  });
  return /^\d{4}-\S+ \S+ sessions: (.*)$/m.exec(stdout)?.[1] ?? "";
}

for (const [index, profile] of (["agent", "hooks"] as const).entries())
  for (const kind of kinds) {
    const told = table[kind][index] ?? [];
    if (told.length === 0) continue;
    const conf = ["replicaof 127.0.0.1 1", "repl-diskless-sync-delay 0", "enable-debug-command local"];
    scenario(
      `timeline tells of ${kind}, profile ${profile}`,
      { profile, redis: { save: "1 1", conf }, seconds: 120, long: !inEveryRun.includes(kind) },
      async (lab) => {
        await lab.bringUp();
        // What the start has logged is over.
        await sleep(2000);
        const words = otherPlans[kind] ?? `@0 ${kind} master for 3000; heal @4000 redis,keepalived,network`;
        const log = await logsOf(lab, words);
        const line = firstLineOf(log);
        console.log(`  ${kind}, profile ${profile}: ${line === "" ? "no incident" : line}`);
        const right = told.some((one) => (one === "" ? line === "" : line.startsWith(one)));
        assert.ok(right, `${line}\nis none of\n${told.join("\n")}\n${log}`);
      },
    );
  }
