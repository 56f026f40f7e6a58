import { monotonic_ms, sleep } from "../machine/process.ts";
import type { LogLine } from "../server/log-lines.ts";
import type { Server } from "../server/server.ts";

/** Exact times from logs, in ms since a moment of Date.now(). A watch from outside sees an event a few ms later. */

const timeout_ms = 10_000;

/** Waits for the line in which the monitor logs that the node is unfit. */
export async function failedCheck(server: Server, since: number): Promise<{ ms: number; cause: string }> {
  const age_ms = ({ timestamp = "" }: LogLine) => Date.parse(timestamp) - since;
  const end_ms = monotonic_ms() + timeout_ms;
  for (;;) {
    const lines = server.log().filter(({ executable, healthy }) => executable === "monitor" && healthy === false);
    const line = lines.find((one) => age_ms(one) >= 0);
    if (line) return { ms: age_ms(line), cause: String(line.cause) };
    if (monotonic_ms() > end_ms)
      throw new Error(`the monitor of ${server.name} did not find its node unfit within ${timeout_ms / 1000} s`);
    await sleep(3);
  }
}

/** When Redis last became master; undefined if its log does not show it. Valid for the minute after `since`. */
export function promotedAfter(server: Server, since: number): number | undefined {
  const seconds = [...server.redisLog().matchAll(/:(\d\d\.\d{3}) \* (?:MASTER|PRIMARY) MODE enabled/g)].at(-1)?.[1];
  if (seconds === undefined) return undefined;
  // Redis logs local time. Only the seconds are the same in all time zones.
  const minute_ms = 60_000;
  return (Number(seconds) * 1000 - (since % minute_ms) + minute_ms) % minute_ms;
}
