import { existsSync, readFileSync, rmSync } from "node:fs";
import { writeTrackFile } from "../keepalived/track-file.ts";
import type { Promotion } from "../model/promotion.ts";

/**
 * Who resigned. A node resigns when it says itself that it can't be the holder: its check, its Keepalived or its agent did. From then
 * on whoever was promoted is newer, and always wins. Both nodes remember it: the one that resigned until it is master again,
 * the one that was promoted as long as it is that master. Until the next boot: after it Redis has other histories to compare.
 */

/** `to`: the master to which this node gives way, if it knows. */
export const resign = (file: string, to = ""): void => writeTrackFile(file, to);

// Not by reading it: the error of a missing file costs 0.1 ms of each monitor run.
export const hasResigned = (file: string): boolean => existsSync(file);

/** The master to which this node gives way, where it has resigned. */
export function resignedTo(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

export const endResignation = (file: string): void => rmSync(file, { force: true });

export const rememberPromotion = (file: string, promotion: Promotion): void =>
  writeTrackFile(file, JSON.stringify(promotion));

/** Of the last promotion here. The local Redis may have another history by now. */
export function lastPromotion(file: string): Promotion | undefined {
  try {
    const promotion = JSON.parse(readFileSync(file, "utf8")) as Promotion;
    return Array.isArray(promotion.resigned) ? promotion : undefined;
  } catch {
    return undefined;
  }
}

/** The nodes that had resigned when the history `id` began. */
export function resignedBefore(file: string, id: string): string[] {
  const promotion = lastPromotion(file);
  return promotion?.id === id ? promotion.resigned : [];
}
