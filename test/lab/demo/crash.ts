import { acceptedBySlot, acknowledgedBefore, longestGapAfter, rate } from "../client/write-rates.ts";
import type { WriteReport } from "../client/write-report.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import { type DemoContext, writeRate } from "./demo-context.ts";
import { thousands } from "./demo-output.ts";
import { failedCheck, promotedAfter } from "./log-times.ts";
import { type StateChange, StateWatch } from "./state-watch.ts";

/** What the crash cost the client that was writing. */
export interface CrashResult {
  report: WriteReport;
  /** The longest time without an accepted write. */
  gap_ms: number;
  /** Acknowledged keys that the new master lacks. */
  lost: string[];
}

const before_ms = 2000;
const after_ms = 1200;
const measured_ms = 1000;
// Redis replicates each write at once: a write that was acknowledged earlier than this had time to arrive.
const inFlight_ms = 100;

/** kill -9 of the master's Redis while a client writes, with a line for each event. */
export async function crash(context: DemoContext): Promise<CrashResult> {
  const { lab, output } = context;
  const { server11, server12 } = lab;
  const writing = await lab.client.writeThroughVip();
  const rateNow = writeRate(writing);
  let [killed, killed_ms] = [0, 0];
  const stateWatch = new StateWatch(lab.servers, (change) => {
    const sentence = inWords(change);
    const ms = change.now === "master" ? promotedAfter(change.server, killed) : undefined;
    if (sentence && killed > 0) output.event(ms ?? change.at_ms - killed_ms, sentence);
  });
  output.status(() => `${stateWatch}   ${rateNow()}`);
  await sleep(before_ms);

  // The signal is sent before the call returns; the promise waits for the end of the process.
  const ended = server11.killRedis();
  [killed, killed_ms] = [Date.now(), monotonic_ms()];
  output.event(0, `kill -9 of Redis on ${server11.name}`, "red");
  await ended;
  const check = await failedCheck(server11, killed);
  output.event(check.ms, `the check on ${server11.name}, which runs every second, fails: ${check.cause}`);
  await lab.until(
    async () => server12.holdsVip() && !server11.holdsVip() && (await server12.role()) === "master",
    15,
    "server12 is master and holds the VIP",
  );
  await writing.acknowledged(writing.progress.acknowledged + 1);
  await sleep(after_ms);
  const report = await writing.stop();
  await stateWatch.stop();
  output.status(undefined);
  return evaluate(context, report, killed_ms, check.ms);
}

function inWords({ server: { name }, now }: StateChange): string | undefined {
  if (now === "no Redis") return `Redis on ${name} has ended, and every write is refused`;
  if (now === "lost the VIP") return `Keepalived removes the VIP from ${name} and tells its peer`;
  if (now === "has the VIP") return `${name} has the VIP; its Redis is still a replica`;
  if (now === "master") return `notify-master has promoted Redis on ${name} to master`;
  return undefined;
}

async function evaluate(
  context: DemoContext,
  report: WriteReport,
  killed_ms: number,
  check_ms: number,
): Promise<CrashResult> {
  const { lab, output, problems } = context;
  const { ms: gap_ms, end_ms } = longestGapAfter(report, killed_ms);
  output.event(end_ms - killed_ms, "first write accepted through the VIP, by server12", "green");
  output.line();
  output.line(acceptedBySlot(report, killed_ms - 500, end_ms + 500, 50));
  output.paragraph("(each character is 50 ms: # writes accepted, . none)", "dim");
  const before = thousands(rate(report, killed_ms - measured_ms, killed_ms));
  const after = thousands(rate(report, end_ms, end_ms + measured_ms));
  output.paragraph(
    `For ${thousands(gap_ms)} ms, ${thousands(check_ms)} of them until the next check was due, the client's writes were refused and repeated. Then it went on with the same address. Writes a second: ${before} before, ${after} after.`,
  );
  const lost = await lab.lostWrites(report, lab.server12);
  output.paragraph(
    `Of ${thousands(report.acknowledged)} acknowledged writes ${lost.length === 0 ? "none" : lost.length} were lost. Redis replies before its replica has the write, so a crash can lose the last few.`,
  );
  const old = acknowledgedBefore(report, lost, killed_ms - inFlight_ms);
  if (old > 0)
    problems.push(`${old} of the lost writes were acknowledged more than ${inFlight_ms} ms before the crash`);
  return { report, gap_ms, lost };
}
