import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KeepalivedProblem } from "../model/host-report.ts";
import { keepalivedRuns } from "../system/processes.ts";
import { readIfPresent } from "../system/read-file.ts";
import { madeAtBoot } from "./made-at-boot.ts";

export const mainConf = "/etc/keepalived/keepalived.conf";

/** A folder without which Keepalived does not start; undefined if there is none, or Keepalived runs. */
export function folderProblem(): KeepalivedProblem | undefined {
  const what = keepalivedRuns() ? undefined : missingFolder(configurations());
  return what === undefined ? undefined : { is: "no-folder", what, made_at_boot: madeAtBoot(what) };
}

/** The file that Keepalived reads, and those beside it that it may include. */
function configurations(): string[] {
  try {
    const folder = dirname(mainConf);
    return readdirSync(folder)
      .filter((name) => name.endsWith(".conf"))
      .map((name) => readIfPresent(join(folder, name)) ?? "");
  } catch {
    return [];
  }
}

/**
 * The first folder of a track file that does not exist. With `reload_check_config` Keepalived ends at its start then, with an error that
 * `keepalived -t` of 2.2.7 does not find.
 */
export const missingFolder = (texts: readonly string[]): string | undefined =>
  texts
    .flatMap((text) => [...text.matchAll(/^\s*file\s+"?(\/[^\s"]+)/gm)].map(([, file = ""]) => dirname(file)))
    .find((folder) => !existsSync(folder));
