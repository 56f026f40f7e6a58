import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { CommandRefused } from "../../cluster/errors.ts";

const logFile = /\.log(?:[.-]\d+)?(?:\.gz)?$/;

/** The text of each log: files, the logs in folders with those that logrotate has renamed, and `-`. Throws a CommandRefused. */
export function readLogs(places: readonly string[]): string[] {
  return places.flatMap((place) => (place === "-" ? [readFileSync(0, "utf8")] : filesAt(place).map(read)));
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

function read(file: string): string {
  try {
    const bytes = readFileSync(file);
    return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch (error) {
    throw cantRead(file, error);
  }
}

/** The log of this name, or what logrotate has made of its older lines. */
export const isLogOf = (base: string, name: string): boolean => name.startsWith(base) && logFile.test(name);

const cantRead = (place: string, error: unknown): CommandRefused =>
  new CommandRefused(`can't read ${place}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`, {
    remedy: "name logs of this project, folders with them, or - for standard input",
  });
