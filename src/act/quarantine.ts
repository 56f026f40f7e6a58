import { spawn } from "node:child_process";
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Step } from "../decide/plan.ts";
import { park, pauseWrites, promote } from "../redis/commands.ts";
import { observeSession } from "../redis/observe.ts";
import { endpointOf } from "../redis/session.ts";
import { rdbCommand } from "./rdb-command.ts";
import type { Run, Sessions } from "./run.ts";
import { Refused, Stopped } from "./wait.ts";

/** Dumps kept per cluster: beyond either bound the oldest go, never the newest. */
const limits = { count: 10, bytes: 20 * 1024 ** 3 };

const dump_ms = 30 * 60 * 1000;
const fence_s = 10;

/**
 * Keeps our data set before it is overwritten: an RDB taken over the wire (CONFIG SET dir is refused by default
 * since 7.0) and a JSON beside it that says why. Rejects when that can't be done; then nothing may be overwritten.
 */
export async function quarantine(
  step: Extract<Step, { do: "quarantine" }>,
  run: Run,
  sessions: Sessions,
): Promise<object> {
  const session = await sessions.of(run.node.name);
  const seen = await observeSession(session);
  if (seen.kind !== "observed") throw new Stopped(`can't read our own Redis before keeping its data: ${seen.detail}`);
  const source = await observeSession(await sessions.of(step.source.name)).catch(() => undefined);

  const fence = () => pauseWrites(session, fence_s * 1000);
  await fence();
  // A replica without a master refuses to be copied from (NOMASTERLINK); as a fenced master it takes no write either.
  const promoted = seen.role === "replica" && seen.source?.link !== "up";
  if (promoted) await promote(session);
  const renewal = setInterval(() => void fence().catch(() => undefined), (fence_s * 1000) / 3);
  try {
    mkdirSync(run.paths.quarantine, { recursive: true, mode: 0o700 });
    const name = new Date().toISOString().replace(/[:.]/g, "-");
    const file = join(run.paths.quarantine, `${name}.rdb`);
    await dump(run, file);
    const about = {
      why: step.because,
      when: new Date().toISOString(),
      node: run.node.name,
      followed: step.source.name,
      bytes_at_stake: step.bytes,
      keys: seen.keys,
      history: seen.history,
      followed_history: source?.kind === "observed" ? source.history : undefined,
      redis_version: seen.version,
    };
    writeFileSync(file.replace(/rdb$/, "json"), `${JSON.stringify(about, undefined, 2)}\n`, { mode: 0o600 });
    const removed = forgetOldest(run.paths.quarantine);
    return {
      file,
      size: statSync(file).size,
      bytes_at_stake: step.bytes,
      keys: seen.keys,
      ...(removed.length ? { removed } : {}),
    };
  } catch (error) {
    if (error instanceof Stopped) throw error;
    if (run.allowDataLoss) return { given_up: true, bytes_at_stake: step.bytes, error: (error as Error).message };
    // Without a copy nothing may be overwritten, and nobody should write here either: parked, it keeps what it has.
    await park(session);
    throw new Refused(
      `can't keep a dump of our data set (${(error as Error).message}), so it does not follow ${step.source.name}; ${step.bytes} bytes of writes are at stake`,
      `make room in ${run.paths.quarantine} and run notify-backup, or give these writes up: notify-backup --allow-data-loss`,
    );
  } finally {
    clearInterval(renewal);
    // Whatever comes next may lift the fence, and a transition that is superseded now would leave a second master.
    if (promoted) await park(session).catch(() => undefined);
  }
}

/** Takes the dump to a temporary name, so that a file with its final name is always whole. */
async function dump(run: Run, file: string): Promise<void> {
  const partial = `${file}.part`;
  for (const left of readdirSync(run.paths.quarantine)) {
    if (left.endsWith(".part")) rmSync(join(run.paths.quarantine, left), { force: true });
  }
  const { command, args, env } = rdbCommand(endpointOf(run.cluster, run.node, run.password), partial);
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-2000);
      });
      const deadline = setTimeout(() => child.kill("SIGKILL"), dump_ms);
      const watch = setInterval(() => {
        try {
          run.proceed();
        } catch (error) {
          child.kill("SIGKILL");
          reject(error);
        }
      }, 100);
      const over = () => {
        clearTimeout(deadline);
        clearInterval(watch);
      };
      child.on("error", (error) => {
        over();
        reject(new Error(`can't run ${command}: ${error.message}`));
      });
      child.on("exit", (code, signal) => {
        over();
        if (code === 0) resolve();
        else
          reject(new Error(`the dump failed (${signal ?? `exit ${code}`}): ${said.trim().split("\n").at(-1) ?? ""}`));
      });
    });
    // redis-cli leaves a short file, and says nothing, where the disk is full.
    if (!wholeDump(partial)) {
      const { bavail, bsize } = statfsSync(run.paths.quarantine);
      throw new Error(bavail * bsize === 0 ? "no space left for the dump" : "the dump is not whole");
    }
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** An RDB ends with its last opcode, 255, and a checksum of eight bytes. */
function wholeDump(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const end = Buffer.alloc(9);
    const { size } = fstatSync(file);
    return size > end.length && readSync(file, end, 0, end.length, size - end.length) === end.length && end[0] === 255;
  } finally {
    closeSync(file);
  }
}

/** Removes the oldest dumps beyond the limits and names them. */
export function forgetOldest(folder: string, most = limits): string[] {
  const dumps = readdirSync(folder)
    .filter((name) => name.endsWith(".rdb"))
    .sort()
    .reverse();
  let bytes = 0;
  const removed: string[] = [];
  dumps.forEach((name, index) => {
    bytes += statSync(join(folder, name)).size;
    if (index === 0 || (index < most.count && bytes <= most.bytes)) return;
    rmSync(join(folder, name), { force: true });
    rmSync(join(folder, name.replace(/rdb$/, "json")), { force: true });
    removed.push(name);
  });
  return removed;
}
