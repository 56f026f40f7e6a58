import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Where the programs of servers are, which the PATH of a user may lack. */
export const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const folders = `${systemPath}:${process.env.PATH ?? ""}`.split(":");

/** The path of a program of this machine; undefined if it is not installed. */
export function findProgram(name: string): string | undefined {
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The name of a program of Redis, or of Valkey's where only that is installed: `redis-server`, `valkey-server`. */
export function redisProgram(what: "server" | "cli" | "check-rdb" | "check-aof"): string {
  return [`redis-${what}`, `valkey-${what}`].find(findProgram) ?? `redis-${what}`;
}
