/** What the probe client saw, by a clock of milliseconds. */
export interface ProbeRecord {
  /** When each acknowledgement came, in order. */
  acknowledged_ms: readonly number[];
  /** When a server turned out to lack acknowledged writes, and how many. */
  losses: readonly { at_ms: number; writes: number }[];
}

/**
 * The longest time without an acknowledged write that ended, or still went on, in this part of the drill. One that began before is
 * counted as a whole.
 */
export function longestGap_ms({ acknowledged_ms }: ProbeRecord, from_ms: number, to_ms: number): number {
  const until = [...acknowledged_ms.filter((at_ms) => at_ms < to_ms), to_ms];
  return until.reduce(
    (longest, at_ms, index) => (at_ms < from_ms ? longest : Math.max(longest, at_ms - (until[index - 1] ?? from_ms))),
    0,
  );
}

export const lostIn = ({ losses }: ProbeRecord, from_ms: number, to_ms: number): number =>
  losses.filter(({ at_ms }) => at_ms >= from_ms && at_ms < to_ms).reduce((sum, { writes }) => sum + writes, 0);

/**
 * The probe writes 1, 2, 3 into one key, and each write returns what it replaces: how many acknowledged writes the server that
 * accepted this one lacked. `found` is undefined where there was no such key. A write that was not acknowledged may be there, too.
 */
export const lostBefore = (acknowledged: number, found: number | undefined): number =>
  Math.max(0, acknowledged - (found ?? 0));
