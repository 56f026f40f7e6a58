import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readdirSync, readSync, renameSync, rmSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { rdbCommand } from "./rdb-command.ts";
import type { Endpoint } from "./session.ts";

const deadline_ms = 30 * 60 * 1000;

/**
 * Copies a live data set over the wire into an RDB file; CONFIG SET dir is refused by default since 7.0. It is made under another
 * name, so that a file with its final name is always whole. `proceed` throws when it must not go on; asked ten times a second.
 */
export async function copyRdb(endpoint: Endpoint, file: string, proceed: () => void): Promise<void> {
  const folder = dirname(file);
  const partial = `${file}.part`;
  for (const left of readdirSync(folder)) if (left.endsWith(".part")) rmSync(join(folder, left), { force: true });
  const { command, args, env } = rdbCommand(endpoint, partial);
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-2000);
      });
      const deadline = setTimeout(() => child.kill("SIGKILL"), deadline_ms);
      const watch = setInterval(() => {
        try {
          proceed();
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
      const { bavail, bsize } = statfsSync(folder);
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
