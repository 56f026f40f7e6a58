import type { WriteReport } from "../client/write-report.ts";
import type { Writing } from "../client/writing.ts";
import type { Lab } from "../lab.ts";
import { monotonic_ms } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import { type DemoOutput, thousands } from "./demo-output.ts";

/** What every part of the demo needs. */
export interface DemoContext {
  lab: Lab;
  output: DemoOutput;
  /** What went wrong. The demo goes on, and fails at its end. */
  problems: string[];
}

export const database = 1;

/** Writes keys of about 100 bytes into database 1 through the VIP, as fast as possible. */
export async function writeKeys({ lab, output }: DemoContext, count: number): Promise<WriteReport> {
  const bulk = { db: database, connections: 4, pipeline: 16, valueBytes: 90, count };
  const writing = await lab.client.writeThroughVip(bulk);
  output.status(() => `${thousands(writing.progress.acknowledged)} of ${thousands(count)} keys written`);
  await writing.written();
  output.status(undefined);
  return writing.stop();
}

/** Waits until server11 is master with the VIP, server12 is its replica in sync, and only server12 writes snapshots. */
export async function waitForNormalState(lab: Lab): Promise<void> {
  const { server11, server12 } = lab;
  const snapshots = async (server: Server) => {
    const reply = await server.redis("CONFIG", "GET", "save");
    return Array.isArray(reply) && reply[1] !== "";
  };
  const conditions: [string, () => boolean | Promise<boolean>][] = [
    ["only server11 holds the VIP", () => server11.holdsVip() && !server12.holdsVip()],
    ["server11 is master", async () => (await server11.role()) === "master"],
    ["server12 is a replica in sync", async () => (await server12.role()) === "replica" && (await server12.inSync())],
    ["Keepalived on server12 is in BACKUP", () => server12.vrrpState() === "BACKUP"],
    ["only the replica writes snapshots", async () => !(await snapshots(server11)) && (await snapshots(server12))],
  ];
  for (const [sentence, condition] of conditions) await lab.until(condition, 10, sentence);
}

/** Returns a function that gives the writes a second in the last half second. */
export function writeRate(writing: Writing): () => string {
  let readings: { at_ms: number; count: number }[] = [];
  return () => {
    const now = { at_ms: monotonic_ms(), count: writing.progress.acknowledged };
    readings = [...readings.filter(({ at_ms }) => now.at_ms - at_ms < 500), now];
    const [first = now] = readings;
    const seconds = (now.at_ms - first.at_ms) / 1000;
    return `${thousands(seconds > 0 ? (now.count - first.count) / seconds : 0)} writes/s`;
  };
}
