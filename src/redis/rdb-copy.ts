import { spawn } from "node:child_process";
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { giveToFolderOwner } from "../system/owner.ts";
import { rdbCommand } from "./rdb-command.ts";
import type { Endpoint } from "./session.ts";

const deadline_ms = 30 * 60 * 1000;
// A redis-cli that hung held a node up (seen). Where the server writes a snapshot first, nothing comes for as long as that takes.
const longestStall_ms = 5 * 60 * 1000;

/**
 * Copies the data set of a running server over the network into an RDB file (BGSAVE into another folder needs CONFIG SET dir,
 * which is refused by default since 7.0). It is written to a temporary name first, so a file with the final name is always complete.
 * `proceed` throws when the copy must stop; it is called ten times a second. Rejects also if the file has not grown for 5 minutes.
 */
export async function copyRdb(
  endpoint: Endpoint,
  file: string,
  proceed: () => void,
  stalled_ms = longestStall_ms,
): Promise<void> {
  const folder = dirname(file);
  const partial = `${file}.part`;
  for (const name of readdirSync(folder)) if (name.endsWith(".part")) rmSync(join(folder, name), { force: true });
  const { command, args, env } = rdbCommand(endpoint, partial);
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"] });
      let output = "";
      child.stderr.on("data", (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-2000);
      });
      const deadline = setTimeout(() => child.kill("SIGKILL"), deadline_ms);
      let grown = { bytes: 0, at_ms: performance.now() };
      const proceedTimer = setInterval(() => {
        try {
          proceed();
          const { size: bytes = 0 } = statSync(partial, { throwIfNoEntry: false }) ?? {};
          if (bytes !== grown.bytes) grown = { bytes, at_ms: performance.now() };
          else if (performance.now() > grown.at_ms + stalled_ms)
            throw new Error(`the dump has made no progress for ${stalled_ms / 1000} s`);
        } catch (error) {
          child.kill("SIGKILL");
          reject(error);
        }
      }, 100);
      const clearTimers = () => {
        clearTimeout(deadline);
        clearInterval(proceedTimer);
      };
      child.on("error", (error) => {
        clearTimers();
        reject(new Error(`can't run ${command}: ${error.message}`));
      });
      child.on("exit", (code, signal) => {
        clearTimers();
        if (code === 0) resolve();
        else
          reject(new Error(`the dump failed (${signal ?? `exit ${code}`}): ${output.trim().split("\n").at(-1) ?? ""}`));
      });
    });
    // With a full disk redis-cli leaves an incomplete file and exits with 0.
    if (!isComplete(partial)) {
      const { bavail, bsize } = statfsSync(folder);
      throw new Error(bavail * bsize === 0 ? "no space left for the dump" : "the dump is not complete");
    }
    giveToFolderOwner(partial);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** An RDB ends with the opcode 255 and a checksum of eight bytes. */
function isComplete(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const end = Buffer.alloc(9);
    const { size } = fstatSync(file);
    return size > end.length && readSync(file, end, 0, end.length, size - end.length) === end.length && end[0] === 255;
  } finally {
    closeSync(file);
  }
}
