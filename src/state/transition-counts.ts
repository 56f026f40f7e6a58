import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../cluster/paths.ts";
import { writeTrackFile } from "../keepalived/track-file.ts";
import type { TransitionCount } from "../model/host-report.ts";
import type { Transition } from "../model/transition.ts";

// Not one of the paths of every executable: the monitor, whose size is limited, has no use for it.
const fileOf = ({ state }: Pick<Paths, "state">): string => join(state, "transition-counts.json");

type End = { result: string; duration_ms: number };

/** How many transitions ended in which way since the boot; none if the file is missing or damaged. */
export function transitionCounts(paths: Pick<Paths, "state">): TransitionCount[] {
  try {
    const counts = JSON.parse(readFileSync(fileOf(paths), "utf8")) as TransitionCount[];
    return Array.isArray(counts) ? counts : [];
  } catch {
    return [];
  }
}

/** One process at a time: whoever carries a transition out. Throws the error of the file system. */
export function countTransition(
  paths: Pick<Paths, "state">,
  transition: Transition,
  { result, duration_ms }: End,
): void {
  const counts = transitionCounts(paths);
  const same = (one: TransitionCount) => one.transition === transition && one.result === result;
  const before = counts.find(same)?.count ?? 0;
  const last = { last_s: Date.now() / 1000, last_duration_s: duration_ms / 1000 };
  const now = { transition, result, count: before + 1, ...last };
  writeTrackFile(fileOf(paths), JSON.stringify([...counts.filter((one) => !same(one)), now]));
}
