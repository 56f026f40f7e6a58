import { monotonic_ms, sleep } from "../machine/process.ts";
import type { LogLine } from "../server/log-lines.ts";
import type { Server } from "../server/server.ts";

/** Times that logs tell exactly, in ms since a moment of Date.now(); looking on from outside is a few ms late. */

const patience_ms = 10_000;

/** Waits for the line by which the monitor says that its Redis is not fit any more. */
export async function failedCheck(server: Server, since: number): Promise<{ ms: number; cause: string }> {
  const age_ms = ({ timestamp = "" }: LogLine) => Date.parse(timestamp) - since;
  const end_ms = monotonic_ms() + patience_ms;
  for (;;) {
    const lines = server.log().filter(({ executable, healthy }) => executable === "monitor" && healthy === false);
    const line = lines.find((one) => age_ms(one) >= 0);
    if (line) return { ms: age_ms(line), cause: String(line.cause) };
    if (monotonic_ms() > end_ms) throw new Error(`the monitor of ${server.name} has noticed nothing within 10 s`);
    await sleep(3);
  }
}

/** When Redis became master for the last time; undefined when its log doesn't say. Good for the minute after `since`. */
export function promotedAfter(server: Server, since: number): number | undefined {
  const said = [...server.redisLog().matchAll(/:(\d\d\.\d{3}) \* (?:MASTER|PRIMARY) MODE enabled/g)].at(-1)?.[1];
  if (said === undefined) return undefined;
  // Redis writes the time of its own time zone, so only what is the same in all of them counts: seconds.
  const minute_ms = 60_000;
  return (Number(said) * 1000 - (since % minute_ms) + minute_ms) % minute_ms;
}
