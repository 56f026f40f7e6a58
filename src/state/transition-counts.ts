import { readFileSync } from "node:fs";
import { writeTrackFile } from "../keepalived/track-file.ts";
import type { TransitionCount } from "../model/host-report.ts";
import type { Transition } from "../model/transition.ts";

type End = { result: string; duration_ms: number };

/** How many transitions ended in which way since the boot; none if the file is missing or damaged. */
export function transitionCounts(file: string): TransitionCount[] {
  try {
    const counts = JSON.parse(readFileSync(file, "utf8")) as TransitionCount[];
    return Array.isArray(counts) ? counts : [];
  } catch {
    return [];
  }
}

/** One process at a time: whoever carries a transition out. Throws the error of the file system. */
export function countTransition(file: string, transition: Transition, { result, duration_ms }: End): void {
  const counts = transitionCounts(file);
  const same = (one: TransitionCount) => one.transition === transition && one.result === result;
  const before = counts.find(same)?.count ?? 0;
  const last = { last_s: Date.now() / 1000, last_duration_s: duration_ms / 1000 };
  const now = { transition, result, count: before + 1, ...last };
  writeTrackFile(file, JSON.stringify([...counts.filter((one) => !same(one)), now]));
}
