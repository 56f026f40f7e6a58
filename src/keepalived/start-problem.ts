import spawn, { type SubprocessError } from "nano-spawn";
import type { KeepalivedProblem } from "../model/host-report.ts";
import { keepalivedRuns } from "../system/processes.ts";
import { folderProblem, mainConf } from "./folder-problem.ts";

/** Why Keepalived of this host does not start; undefined if it runs, or that is not known within the deadline. Never rejects. */
export async function startProblem(deadline_ms: number): Promise<KeepalivedProblem | undefined> {
  if (keepalivedRuns()) return undefined;
  return folderProblem() ?? (await configurationProblem(deadline_ms));
}

async function configurationProblem(deadline_ms: number): Promise<KeepalivedProblem | undefined> {
  try {
    await spawn("keepalived", ["-t", "-f", mainConf], { timeout: deadline_ms, stdin: "ignore" });
    return undefined;
  } catch (error) {
    const what = firstError((error as SubprocessError).output ?? "");
    return what === undefined ? undefined : { is: "configuration", what };
  }
}

/**
 * The first line of `keepalived -t` that names a line of its configuration. For a user who is not root others say what is wrong for that
 * user only, such as a script that is not his.
 */
export const firstError = (output: string): string | undefined =>
  output
    .split("\n")
    .find((line) => /^\(.*Line \d+\) /.test(line))
    ?.trim()
    // What follows is a password.
    .replace(/(auth_pass).*/, "$1 ***");
