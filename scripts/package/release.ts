import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../checks.ts";

export interface Release {
  version: string;
  maintainer: string;
  /** Of the commit: all times in a package are this one. */
  date: Date;
}

export function releaseOf(version: string | undefined): Release {
  const ours = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string; author: string };
  const seconds = Number(process.env.SOURCE_DATE_EPOCH ?? commitTime());
  return { version: version ?? ours.version, maintainer: ours.author, date: new Date(seconds * 1000) };
}

function commitTime(): string {
  try {
    return execFileSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8", stdio: "pipe" });
  } catch {
    throw new Error("this is no git repository: set SOURCE_DATE_EPOCH to the time that all files in a package get");
  }
}
