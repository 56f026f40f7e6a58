import type { WriteReport } from "../client/write-report.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import { failedCheck, promotedAfter } from "./log-times.ts";
import { type Change, Lookout } from "./lookout.ts";
import { thousands } from "./screen.ts";
import { type Stage, speedometer } from "./stage.ts";
import { acknowledgedBefore, longestGapAfter, rate, strip } from "./tempo.ts";

/** What the failure cost the client that was writing. */
export interface Cost {
  report: WriteReport;
  /** The longest time without an accepted write. */
  gap_ms: number;
  /** Keys that were acknowledged and that the new master doesn't have. */
  lost: string[];
}

const before_ms = 2000;
const after_ms = 1200;
const measured_ms = 1000;
// Replication sends each write at once: what was acknowledged longer ago than this had its time to arrive.
const onItsWay_ms = 100;

/** kill -9 of the master's Redis under a steady writer, told as it happens. */
export async function crash(stage: Stage): Promise<Cost> {
  const { lab, screen } = stage;
  const { server11, server12 } = lab;
  const writing = await lab.client.writeThroughVip();
  const speed = speedometer(writing);
  let [killed, killed_ms] = [0, 0];
  const lookout = new Lookout(lab.servers, (change) => {
    const sentence = inWords(change);
    const ms = change.now === "master" ? promotedAfter(change.server, killed) : undefined;
    if (sentence && killed > 0) screen.event(ms ?? change.at_ms - killed_ms, sentence);
  });
  screen.status(() => `${lookout}   ${speed()}`);
  await sleep(before_ms);

  // The signal is sent before the call returns; only the wait for the end of the process is not over yet.
  const gone = server11.killRedis();
  [killed, killed_ms] = [Date.now(), monotonic_ms()];
  screen.event(0, `kill -9 of Redis on ${server11.name}`, "red");
  await gone;
  const check = await failedCheck(server11, killed);
  screen.event(check.ms, `${server11.name}'s check, run every second, fails: ${check.cause}`);
  await lab.until(
    async () => server12.holdsVip() && !server11.holdsVip() && (await server12.role()) === "master",
    15,
    "server12 is master and holds the VIP",
  );
  await writing.acknowledged(writing.progress.acknowledged + 1);
  await sleep(after_ms);
  const report = await writing.stop();
  await lookout.stop();
  screen.status(undefined);
  return account(stage, report, killed_ms, check.ms);
}

function inWords({ server: { name }, now }: Change): string | undefined {
  if (now === "no Redis") return `Redis on ${name} is gone, and every write is refused`;
  if (now === "lost the VIP") return `Keepalived takes the VIP away from ${name} and tells its peer so`;
  if (now === "has the VIP") return `${name} has the VIP, its Redis still being a replica`;
  if (now === "master") return `notify-master has made Redis on ${name} the master`;
  return undefined;
}

async function account(stage: Stage, report: WriteReport, killed_ms: number, check_ms: number): Promise<Cost> {
  const { lab, screen, problems } = stage;
  const { ms: gap_ms, end_ms } = longestGapAfter(report, killed_ms);
  screen.event(end_ms - killed_ms, "first write accepted through the VIP, by server12", "green");
  screen.line();
  screen.line(strip(report, killed_ms - 500, end_ms + 500, 50));
  screen.say("(a mark is 50 ms: # writes accepted, . none)", "dim");
  const before = thousands(rate(report, killed_ms - measured_ms, killed_ms));
  const after = thousands(rate(report, end_ms, end_ms + measured_ms));
  screen.say(
    `For ${thousands(gap_ms)} ms, ${thousands(check_ms)} of them until the next check was due, the client was refused and tried again; then it went on under the same address. Writes a second: ${before} before, ${after} after.`,
  );
  const lost = await lab.lostWrites(report, lab.server12);
  screen.say(
    `Of ${thousands(report.acknowledged)} acknowledged writes ${lost.length === 0 ? "none" : lost.length} got lost. Redis answers before its replica has the write, so a crash can cost the last few.`,
  );
  const old = acknowledgedBefore(report, lost, killed_ms - onItsWay_ms);
  if (old > 0)
    problems.push(`${old} of the lost writes were acknowledged more than ${onItsWay_ms} ms before the crash`);
  return { report, gap_ms, lost };
}
