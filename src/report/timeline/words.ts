import type { ClockDifference, Cost, Incident, StoryEvent, TimelineReport } from "../../model/timeline.ts";

/** A duration: `20 ms`, `2.1 s`, `3 min 5 s`, `2 h 10 min`. */
export function durationInWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `+0.015`, in seconds. */
export const afterInWords = (ms: number): string => `+${(ms / 1000).toFixed(3)}`;

/** `2026-11-27 02:20:38.808` */
export const timeInWords = (iso: string): string => iso.replace("T", " ").replace("Z", "");

export const eventInWords = ({ text, count, over_ms }: StoryEvent): string =>
  count === 1 ? text : `${text} (x${count} over ${durationInWords(over_ms)})`;

export const costInWords = ({ no_writes_ms, two_writable_ms, bytes_at_stake, missing }: Cost): string[] => [
  pauseInWords(no_writes_ms),
  ...(two_writable_ms ? [`two nodes took writes for about ${durationInWords(two_writable_ms)}`] : []),
  ...(bytes_at_stake === null ? [] : [`${bytes_at_stake} bytes of one history are not in the other`]),
  ...missing,
];

function pauseInWords(ms: number | null): string {
  if (ms === null) return "whether a node took writes is not in these logs";
  return ms === 0 ? "a node took writes all the time" : `no node took writes for about ${durationInWords(ms)}`;
}

export const keptInWords = ({ node, file, what }: Incident["cost"]["kept"][number]): string =>
  `${what}, on ${node}: ${file}`;

export function clocksInWords(clocks: readonly ClockDifference[]): string[] {
  return clocks.map(({ node, than, ahead_ms, precision_ms, from }) => {
    if (ahead_ms === null || precision_ms === null)
      return `clocks of ${than} and ${node}: not compared, too little was seen by both`;
    const seen = `by ${from} ${from === 1 ? "event" : "events"} that both saw`;
    if (Math.abs(ahead_ms) <= precision_ms)
      return `clocks of ${than} and ${node}: the same within ${durationInWords(precision_ms)}, ${seen}`;
    const which = ahead_ms > 0 ? "ahead of" : "behind";
    return `clock of ${node}: ${durationInWords(Math.abs(ahead_ms))} ${which} ${than}'s, within ${durationInWords(precision_ms)}, ${seen}; corrected below`;
  });
}

export function headInWords({ nodes, lines, unreadable_lines, incidents }: TimelineReport): string {
  const count = `${incidents.length} ${incidents.length === 1 ? "incident" : "incidents"}`;
  const from = nodes.length > 0 ? ` of ${nodes.join(" and ")}` : "";
  const skipped = unreadable_lines > 0 ? `, ${unreadable_lines} unreadable` : "";
  const alone = nodes.length === 1 ? "; the log of another node would tell more" : "";
  return `${count} in ${lines} lines${from}${skipped}${alone}. Times are UTC.`;
}
