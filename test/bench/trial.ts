import { lostForGood } from "../lab/chaos/dumps.ts";
import { longestGapAfter } from "../lab/client/write-rates.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { monotonic_ms, sleep } from "../lab/machine/process.ts";
import type { Contender } from "./contenders/contender.ts";
import { type Event, tookOver } from "./events.ts";

/** What one event cost, on a lab of its own. */
export interface Trial {
  /** The clients' longest time without an acknowledged write, from the event to the end of the run. */
  gap_ms: number;
  acknowledged: number;
  /** Acknowledged writes that the master of the end does not have. */
  lost: number;
  /** Of these, those that are in no dump either (absent in results kept from before this was looked at). */
  gone?: number;
  /** Two servers took writes, and clients could reach both: while a host is cut off or a server hangs it doesn't count. */
  twoMasters_ms: number;
  /** One master at the end. */
  settled: boolean;
}

const watch_ms = 10;
const after_ms = 1000;
const tenths = (ms: number): number => Math.round(10 * ms) / 10;

export async function trial(contender: Contender, event: Event): Promise<Trial> {
  const lab = await startLab(contender.lab);
  try {
    await contender.bringUp(lab);
    const writing = await contender.write(lab);
    // Checks come at a beat: without this each strike would meet the same moment between two of them.
    await sleep(500 + Math.random() * 2000);
    if (event.before) {
      await event.before(lab, contender);
      await sleep(after_ms);
    }
    let watch = lab.watchMasters(watch_ms);
    const struck_ms = monotonic_ms();
    await event.strike(lab, contender);
    await tookOver({ lab, contender });
    await writing.acknowledged(writing.progress.acknowledged + 200, contender.takeOver_s);
    if (event.mend) {
      await sleep(after_ms);
      await watch.stop();
      watch = lab.watchMasters(watch_ms);
      await event.mend(lab);
    }
    const settled = await settles(lab, contender.settle_s);
    await sleep(200);
    const [report, masters] = [await writing.stop(), await watch.stop()];
    const lost = await lab.lostWrites(report, await last(lab));
    return {
      gap_ms: tenths(longestGapAfter(report, struck_ms).ms),
      acknowledged: report.acknowledged,
      lost: lost.length,
      gone: (await lostForGood(lost, report, lab.servers)).length,
      twoMasters_ms: tenths(masters.twoMasters_ms),
      settled,
    };
  } catch (error) {
    throw new Error(`${contender.name}, ${event.name}: ${(error as Error).message}\n${await lab.dump().catch(String)}`);
  } finally {
    await lab.stop();
  }
}

/** True once one server is master and the other a replica or dead, for a second; false when that never comes. */
async function settles(lab: Lab, seconds: number): Promise<boolean> {
  const end_ms = monotonic_ms() + seconds * 1000;
  let since_ms: number | undefined;
  while (monotonic_ms() < end_ms) {
    since_ms = (await oneMaster(lab)) ? (since_ms ?? monotonic_ms()) : undefined;
    if (since_ms !== undefined && monotonic_ms() - since_ms > 1000) return true;
    await sleep(20);
  }
  return false;
}

async function oneMaster({ servers }: Lab): Promise<boolean> {
  const roles = await Promise.all(servers.map((server) => server.role()));
  return roles.filter((role) => role === "master").length === 1;
}

/** The master of the end; of two, the one that the clients wrote to last: it holds the VIP. */
async function last({ servers, server12 }: Lab) {
  const roles = await Promise.all(servers.map((server) => server.role()));
  const masters = servers.filter((_, index) => roles[index] === "master");
  return masters.find((server) => server.holdsVip()) ?? masters[0] ?? server12;
}
