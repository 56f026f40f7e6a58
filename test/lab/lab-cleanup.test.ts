import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startLab } from "./lab.ts";
import { run } from "./machine/process.ts";
import { descendantsOf, processesInNamespacesOf, stillRunning, waitForEnd } from "./machine/remaining-processes.ts";

/** A lab leaves no processes and mounts, however it ends. Without namespaces it names a remedy. */

const checkout = fileURLToPath(new URL("../../", import.meta.url));
const runLab = ["--import", "tsx", "test/lab/run-lab.ts", "--profile", "plain"];
const isRoot = process.getuid?.() === 0;
const environment = { PATH: process.env.PATH ?? "", HOME: "/tmp", TSX_DISABLE_CACHE: "1" };

test("after stop no process and no mount remains", async () => {
  const mounts = () => readFileSync("/proc/self/mountinfo", "utf8");
  const before = mounts();
  const lab = await startLab({ profile: "plain" });
  await lab.bringUp();
  await lab.client.writeThroughVip();
  const { firstProcess } = lab.server11;
  // Listed now: once process 1 has ended, its namespace can't be found.
  const running = firstProcess === undefined ? [] : processesInNamespacesOf([firstProcess]);
  assert.ok(running.length >= 4, "Redis, Keepalived and process 1");
  assert.deepEqual(stillRunning(running), running);
  await lab.stop();
  assert.equal(mounts(), before);
  assert.deepEqual(stillRunning(running), []);
});

test("a lab ends by itself when its test process is killed with -9", async () => {
  const started = await startRunLab();
  const running = descendantsOf(started.pid ?? 0);
  assert.ok(
    running.length >= 12,
    "three hosts, two Redis, two Keepalived with a child each, and the processes that hold the namespaces",
  );
  started.kill("SIGKILL");
  await waitForEnd(running);
});

test("Ctrl-C ends npm run lab", async () => {
  const started = await startRunLab();
  const running = descendantsOf(started.pid ?? 0);
  started.kill("SIGINT");
  const [code] = await once(started, "exit", { signal: AbortSignal.timeout(10_000) });
  assert.equal(code, 0);
  await waitForEnd(running);
});

test("a lab runs without root", async () => {
  // The checkout and Node may be in folders that only root can enter, so they are mounted elsewhere.
  const drop = `mount --bind "$1" /mnt && mount --bind "$2" /srv && cd /mnt && shift 2 &&
    exec setpriv --reuid 65534 --regid 65534 --clear-groups /srv/node "$@"`;
  const asNobody = ["unshare", "--mount", "sh", "-c", drop, "drop", checkout, process.execPath.replace(/\/node$/, "")];
  const argv = isRoot ? asNobody : [process.execPath];
  // A failover with a failed check and hooks, which script security and the user namespace may prevent.
  const test = ["--import", "tsx", "--test", "--test-name-pattern", "^a client writes", "test/lab/lab.test.ts"];
  const { code, stdout } = await run([...argv, ...test], { env: environment, deadline_ms: 60_000 });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^# pass 1$/m);
});

test("if namespaces are refused, one line tells how to allow them", async () => {
  const refuse = `echo 0 >/proc/sys/user/max_user_namespaces &&
    exec setpriv --bounding-set=-all --inh-caps=-all "$@"`;
  const argv = ["unshare", "--user", "--map-root-user", "sh", "-c", refuse, "refuse", process.execPath, ...runLab];
  const { code, stderr } = await run(argv, { env: environment, deadline_ms: 60_000 });
  assert.equal(code, 1);
  assert.match(stderr, /^the lab needs Linux namespaces, and this system refuses them .*docker run --privileged\n$/);
});

async function startRunLab(): Promise<ChildProcess> {
  const started = spawn(process.execPath, runLab, {
    cwd: checkout,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  await outputWith(started, /^VIP/m);
  return started;
}

/** The output of a process, once it contains this. */
async function outputWith(child: ChildProcess, wanted: RegExp): Promise<string> {
  let text = "";
  const late = AbortSignal.timeout(30_000);
  while (!wanted.test(text)) {
    if (!child.stdout) throw new Error("no standard output");
    const [chunk] = await once(child.stdout, "data", { signal: late });
    text += String(chunk);
  }
  return text;
}
