import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startLab } from "./lab.ts";
import { descendantsOf, processesWith, waitForEnd } from "./machine/leftovers.ts";
import { run } from "./machine/process.ts";

/** However a lab ends, and whoever starts it: nothing is left, and a refusal says what to do. */

const checkout = fileURLToPath(new URL("../../", import.meta.url));
const stay = ["--import", "tsx", "test/lab/stay.ts", "--profile", "plain"];
const isRoot = process.getuid?.() === 0;
const environment = { PATH: process.env.PATH ?? "", HOME: "/tmp", TSX_DISABLE_CACHE: "1" };

test("after stop there is no process and no mount more than before", async () => {
  const mounts = () => readFileSync("/proc/self/mountinfo", "utf8");
  const before = mounts();
  const lab = await startLab({ profile: "plain" });
  await lab.bringUp();
  await lab.client.writeThroughVip();
  const { firstProcess } = lab.server11;
  assert.ok(firstProcess !== undefined && processesWith([firstProcess]).length >= 4, "Redis, Keepalived and process 1");
  await lab.stop();
  assert.equal(mounts(), before);
  assert.deepEqual(processesWith([firstProcess]), []);
});

test("a lab whose test is killed with -9 ends by itself", async () => {
  const started = await startStaying();
  const running = descendantsOf(started.pid ?? 0);
  assert.ok(running.length >= 12, "three hosts, two Redis, two Keepalived with a child each, and what holds them");
  started.kill("SIGKILL");
  await waitForEnd(running);
});

test("Ctrl-C ends a lab that was left running", async () => {
  const started = await startStaying();
  const running = descendantsOf(started.pid ?? 0);
  started.kill("SIGINT");
  const [code] = await once(started, "exit", { signal: AbortSignal.timeout(10_000) });
  assert.equal(code, 0);
  await waitForEnd(running);
});

test("a lab runs without root", async () => {
  // The checkout and Node may lie where only root can go; seen through a bind mount they don't.
  const drop = `mount --bind "$1" /mnt && mount --bind "$2" /srv && cd /mnt && shift 2 &&
    exec setpriv --reuid 65534 --regid 65534 --clear-groups /srv/node "$@"`;
  const asNobody = ["unshare", "--mount", "sh", "-c", drop, "drop", checkout, process.execPath.replace(/\/node$/, "")];
  const argv = isRoot ? asNobody : [process.execPath];
  // A failover in which the check fails and hooks run: all that script security and the user namespace can spoil.
  const test = ["--import", "tsx", "--test", "--test-name-pattern", "^a client writes", "test/lab/lab.test.ts"];
  const { code, stdout } = await run([...argv, ...test], { env: environment, deadline_ms: 60_000 });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^# pass 1$/m);
});

test("where namespaces are refused, one line says what allows them", async () => {
  const refuse = `echo 0 >/proc/sys/user/max_user_namespaces &&
    exec setpriv --bounding-set=-all --inh-caps=-all "$@"`;
  const argv = ["unshare", "--user", "--map-root-user", "sh", "-c", refuse, "refuse", process.execPath, ...stay];
  const { code, stderr } = await run(argv, { env: environment, deadline_ms: 60_000 });
  assert.equal(code, 1);
  assert.match(stderr, /^the lab needs Linux namespaces, and they are refused here .*docker run --privileged\n$/);
});

async function startStaying(): Promise<ChildProcess> {
  const started = spawn(process.execPath, stay, { cwd: checkout, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  await said(started, /^VIP/m);
  return started;
}

/** What a process has said once it says this. */
async function said(child: ChildProcess, wanted: RegExp): Promise<string> {
  let text = "";
  const late = AbortSignal.timeout(30_000);
  while (!wanted.test(text)) {
    if (!child.stdout) throw new Error("no standard output");
    const [chunk] = await once(child.stdout, "data", { signal: late });
    text += String(chunk);
  }
  return text;
}
