import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { CommandRefused } from "../../cluster/errors.ts";

// A node logs some hundred lines at a failover, and the text takes several times its size in memory.
const largest_MiB = 64;
const chunk = 1 << 16;

const logFile = /\.log(?:[.-]\d+)?(?:\.gz)?$/;

/** The text of each log: files, the logs in folders with those that logrotate has renamed, and `-`. Throws a CommandRefused. */
export function readLogs(places: readonly string[]): string[] {
  return places.flatMap((place) =>
    place === "-" ? [read("standard input", 0)] : filesAt(place).map((file) => read(file)),
  );
}

function filesAt(place: string): string[] {
  try {
    if (!statSync(place).isDirectory()) return [place];
    const names = readdirSync(place, { withFileTypes: true });
    return names.filter((entry) => entry.isFile() && logFile.test(entry.name)).map(({ name }) => join(place, name));
  } catch (error) {
    throw cantRead(place, error);
  }
}

function read(name: string, standardInput?: number): string {
  try {
    const bytes = readAll(name, standardInput ?? openSync(name, "r"));
    const limit = { maxOutputLength: largest_MiB << 20 };
    return (name.endsWith(".gz") ? gunzipSync(bytes, limit) : bytes).toString("utf8");
  } catch (error) {
    throw error instanceof CommandRefused ? error : cantRead(name, error);
  }
}

function readAll(name: string, fd: number): Buffer {
  const chunks: Buffer[] = [];
  try {
    for (let size = 0; ; ) {
      const bytes = Buffer.allocUnsafe(chunk);
      const read = readSync(fd, bytes);
      if (read === 0) return Buffer.concat(chunks);
      chunks.push(bytes.subarray(0, read));
      size += read;
      if (size > largest_MiB << 20)
        throw new CommandRefused(`${name} has more than ${largest_MiB} MiB`, {
          remedy: "give the newest lines only: tail -c 60M FILE | timeline -",
        });
    }
  } finally {
    if (fd !== 0) closeSync(fd);
  }
}

/** The log of this name, or what logrotate has made of its older lines. */
export const isLogOf = (base: string, name: string): boolean => name.startsWith(base) && logFile.test(name);

const cantRead = (place: string, error: unknown): CommandRefused =>
  new CommandRefused(`can't read ${place}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`, {
    remedy: "name logs of this project, folders with them, or - for standard input",
  });
