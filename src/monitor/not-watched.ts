import { existsSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Paths } from "../cluster/paths.ts";
import { writeTrackFile } from "../keepalived/track-file.ts";
import { watches } from "../keepalived/watched.ts";
import type { Log } from "../model/log.ts";
import { keepalivedAbove } from "../system/processes.ts";

// At a reload it watches nothing for a moment.
const again_ms = 100;

/** Logs, once, that the Keepalived which started this check does not watch the state folder, or does so again. It takes 0.3 to 1 ms (measured on a busy host). */
export async function tellIfNotWatched({ state, notWatched: file }: Paths, log: Log): Promise<void> {
  const keepalived = keepalivedAbove();
  if (keepalived === undefined) return;
  const look = () => watches(state, [keepalived]);
  const [watched, told] = [look(), existsSync(file)];
  if (watched && told) {
    rmSync(file);
    log.info("state-folder-watched", `Keepalived watches ${state} again`);
  }
  if (watched !== false || told) return;
  await sleep(again_ms);
  if (look() !== false) return;
  writeTrackFile(file, 1);
  log.warn(
    "state-folder-not-watched",
    `Keepalived does not watch ${state}: no claim counts, and a drain only by a check`,
    {
      remedy:
        "the folder was made anew since Keepalived has read its configuration: systemd-tmpfiles --create && systemctl reload keepalived",
    },
  );
}
