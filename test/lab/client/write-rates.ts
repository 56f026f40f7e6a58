import type { Gap, WriteReport } from "./write-report.ts";

/** The number of acknowledged writes in each slot of `slot_ms`, from a moment (`monotonic_ms`) on. */
function perSlot({ acknowledgements: acks }: WriteReport, from_ms: number, slots: number, slot_ms: number): number[] {
  const counts = new Array<number>(slots).fill(0);
  for (let index = 0; index < acks.count; index++) {
    const slot = Math.floor((acks.time_ms(index) - from_ms) / slot_ms);
    if (slot >= 0 && slot < slots) counts[slot] = (counts[slot] ?? 0) + 1;
  }
  return counts;
}

/** Acknowledged writes a second between two moments. */
export const rate = (report: WriteReport, from_ms: number, to_ms: number): number =>
  ((perSlot(report, from_ms, 1, to_ms - from_ms)[0] ?? 0) * 1000) / (to_ms - from_ms);

/** One character for each slot: # if writes were acknowledged in it, else a dot. */
export const acceptedBySlot = (report: WriteReport, from_ms: number, to_ms: number, slot_ms: number): string =>
  perSlot(report, from_ms, Math.ceil((to_ms - from_ms) / slot_ms), slot_ms)
    .map((count) => (count > 0 ? "#" : "."))
    .join("");

/** The longest gap between two acknowledgements that ended after a moment, and began before another one. */
export function longestGapAfter(
  { acknowledgements: acks }: WriteReport,
  moment_ms: number,
  until_ms = Number.POSITIVE_INFINITY,
): Gap {
  let longest: Gap = { ms: 0, start_ms: moment_ms, end_ms: moment_ms };
  for (let index = 1; index < acks.count; index++) {
    const [start_ms, end_ms] = [acks.time_ms(index - 1), acks.time_ms(index)];
    if (end_ms > moment_ms && start_ms < until_ms && end_ms - start_ms > longest.ms)
      longest = { ms: end_ms - start_ms, start_ms, end_ms };
  }
  return longest;
}

/** The number of these keys that were acknowledged before a moment. */
export function acknowledgedBefore(report: WriteReport, keys: readonly string[], moment_ms: number): number {
  const { acknowledgements: acks, keyPrefix } = report;
  const wanted = new Set(keys);
  let count = 0;
  for (let index = 0; index < acks.count; index++) {
    if (acks.time_ms(index) < moment_ms && wanted.has(`${keyPrefix}:${acks.key(index)}`)) count++;
  }
  return count;
}
