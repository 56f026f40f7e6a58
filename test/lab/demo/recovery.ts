import { once } from "node:events";
import { createInterface } from "node:readline";
import { longestGapAfter } from "../client/write-rates.ts";
import type { WriteReport } from "../client/write-report.ts";
import { endGroup, monotonic_ms, sleep } from "../machine/process.ts";
import { binFolder, type Server } from "../server/server.ts";
import { type DemoContext, writeRate } from "./demo-context.ts";
import { thousands } from "./demo-output.ts";
import { type StateChange, StateWatch } from "./state-watch.ts";

export interface Recovery {
  /** The run time of the command. */
  ms: number;
  bytes: number;
  report: WriteReport;
  /** The longest time without an accepted write after the VIP began to move back. */
  gap_ms: number;
}

const command_ms = 60_000;

/** Recovers the failed node with the command that an operator would run, while a client writes. */
export async function recovery({ lab, output }: DemoContext): Promise<Recovery> {
  const { server11 } = lab;
  const writing = await lab.client.writeThroughVip();
  const rateNow = writeRate(writing);
  let [started, moved] = [monotonic_ms(), Number.POSITIVE_INFINITY];
  const report = (change: StateChange) => {
    if (change.now === "lost the VIP") moved = change.at_ms;
    const sentence = inWords(change);
    if (sentence) output.event(change.at_ms - started, sentence, "dim");
  };
  const stateWatch = new StateWatch(lab.servers, report);
  output.status(() => `${stateWatch}   ${rateNow()}`);
  await sleep(300);

  output.line();
  output.line(output.style("bold", "server11# recover-master --failback"));
  started = monotonic_ms();
  await recoverMaster(server11, (line) => output.event(monotonic_ms() - started, line));
  const ms = monotonic_ms() - started;
  await sleep(500);
  const writes = await writing.stop();
  await stateWatch.stop();
  output.status(undefined);
  if (moved > monotonic_ms()) throw new Error("recover-master ended with 0, but the VIP has not moved");
  const { ms: gap_ms } = longestGapAfter(writes, moved);
  output.line();
  output.paragraph(
    `A plain start of Redis would not do: only the replica writes snapshots, so this master would start empty, its replica would copy that, and all data would be lost on both. So it started as a replica, the histories were compared, it copied the data, and it took over only when it had every write. The client made ${thousands(writes.acknowledged)} writes during that time, and waited ${thousands(gap_ms)} ms while VIP and role moved back.`,
  );
  return { ms, bytes: bytesCopied(server11), report: writes, gap_ms };
}

function inWords({ server: { name }, now }: StateChange): string | undefined {
  if (now === "lost the VIP") return `the VIP leaves ${name}`;
  if (now === "has the VIP") return `the VIP is on ${name}`;
  if (now === "master") return `Redis on ${name} is master; it had every write of the old one before that`;
  return undefined;
}

/** Runs recover-master and passes on each line of its output. Rejects with its error unless it ends with 0. */
async function recoverMaster(server: Server, onLine: (line: string) => void): Promise<void> {
  const child = server.spawn([`${binFolder}/recover-master`, "--failback"]);
  child.stdin?.end();
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const closed = once(child, "close");
  if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => onLine(line.trim()));
  const timer = setTimeout(() => endGroup(child), command_ms);
  const [code] = (await once(child, "exit")) as [number | null];
  clearTimeout(timer);
  // A process that it started may keep its pipes open. Its own output has arrived by then.
  await Promise.race([closed, sleep(200)]);
  if (code === null) throw new Error(`recover-master did not end within ${command_ms / 1000} s`);
  if (code !== 0) throw new Error(`recover-master ended with exit code ${code}: ${errors.trim()}`);
}

const bytesCopied = (server: Server): number =>
  server
    .log()
    .filter(({ executable }) => executable === "recover-master")
    .reduce((sum, { bytes }) => (typeof bytes === "number" ? bytes : sum), 0);
