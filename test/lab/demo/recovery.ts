import { once } from "node:events";
import { createInterface } from "node:readline";
import type { WriteReport } from "../client/write-report.ts";
import { endGroup, monotonic_ms, sleep } from "../machine/process.ts";
import { binFolder, type Server } from "../server/server.ts";
import { type Change, Lookout } from "./lookout.ts";
import { thousands } from "./screen.ts";
import { type Stage, speedometer } from "./stage.ts";
import { longestGapAfter } from "./tempo.ts";

export interface Recovery {
  /** From the command's start to its end. */
  ms: number;
  bytes: number;
  report: WriteReport;
  /** The longest time without an accepted write since the VIP began to move back. */
  gap_ms: number;
}

const command_ms = 60_000;

/** The failed node comes back by the command that its operator would type, while a client writes on. */
export async function recovery({ lab, screen }: Stage): Promise<Recovery> {
  const { server11 } = lab;
  const writing = await lab.client.writeThroughVip();
  const speed = speedometer(writing);
  let [started, moved] = [monotonic_ms(), Number.POSITIVE_INFINITY];
  const tell = (change: Change) => {
    if (change.now === "lost the VIP") moved = change.at_ms;
    const sentence = inWords(change);
    if (sentence) screen.event(change.at_ms - started, sentence, "dim");
  };
  const lookout = new Lookout(lab.servers, tell);
  screen.status(() => `${lookout}   ${speed()}`);
  await sleep(300);

  screen.line();
  screen.line(screen.style("bold", "server11# recover-master --failback"));
  started = monotonic_ms();
  await recoverMaster(server11, (line) => screen.event(monotonic_ms() - started, line));
  const ms = monotonic_ms() - started;
  await sleep(500);
  const report = await writing.stop();
  await lookout.stop();
  screen.status(undefined);
  if (moved > monotonic_ms()) throw new Error("recover-master says that it is done, and the VIP has not moved");
  const { ms: gap_ms } = longestGapAfter(report, moved);
  screen.line();
  screen.say(
    `Why not simply start Redis? As a master it would be empty (the replica has the snapshots), and its replica would copy that: all data gone on both. So it came up as a replica, copied and was compared first, and took over only when it had every write. The client made ${thousands(report.acknowledged)} writes meanwhile, and waited ${thousands(gap_ms)} ms while VIP and role moved back.`,
  );
  return { ms, bytes: bytesCopied(server11), report, gap_ms };
}

function inWords({ server: { name }, now }: Change): string | undefined {
  if (now === "lost the VIP") return `the VIP leaves ${name}`;
  if (now === "has the VIP") return `the VIP is on ${name}`;
  if (now === "master") return `Redis on ${name} is master: it had every write of the old one before`;
  return undefined;
}

/** Runs it and tells each line that it prints when it comes; rejects with what it said last unless it ends with 0. */
async function recoverMaster(server: Server, tell: (line: string) => void): Promise<void> {
  const child = server.spawn([`${binFolder}/recover-master`, "--failback"]);
  child.stdin?.end();
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const closed = once(child, "close");
  if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => tell(line.trim()));
  const timer = setTimeout(() => endGroup(child), command_ms);
  const [code] = (await once(child, "exit")) as [number | null];
  clearTimeout(timer);
  // What it started may hold its pipes open; what it said itself is here by then.
  await Promise.race([closed, sleep(200)]);
  if (code === null) throw new Error(`recover-master did not end within ${command_ms / 1000} s`);
  if (code !== 0) throw new Error(`recover-master ended with exit code ${code}: ${complaint.trim()}`);
}

const bytesCopied = (server: Server): number =>
  server
    .log()
    .filter(({ executable }) => executable === "recover-master")
    .reduce((sum, { bytes }) => (typeof bytes === "number" ? bytes : sum), 0);
