import type { WriteReport } from "../client/write-report.ts";
import type { Writing } from "../client/writing.ts";
import type { Lab } from "../lab.ts";
import { monotonic_ms } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import { type Screen, thousands } from "./screen.ts";

/** What every part of the demo gets. */
export interface Stage {
  lab: Lab;
  screen: Screen;
  /** Sentences about what is not as it should be; the demo goes on, and fails at its end. */
  problems: string[];
}

export const database = 1;

/** Writes keys of about 100 bytes into database 1 through the VIP, as fast as it goes. */
export async function load({ lab, screen }: Stage, count: number): Promise<WriteReport> {
  const bulk = { db: database, connections: 4, pipeline: 16, valueBytes: 90, count };
  const writing = await lab.client.writeThroughVip(bulk);
  screen.status(() => `${thousands(writing.progress.acknowledged)} of ${thousands(count)} keys written`);
  await writing.written();
  screen.status(undefined);
  return writing.stop();
}

/** Waits until all is as on a good day: server11 is master with the VIP, server12 copies, and it alone writes snapshots. */
export async function settled(lab: Lab): Promise<void> {
  const { server11, server12 } = lab;
  const snapshots = async (server: Server) => {
    const reply = await server.redis("CONFIG", "GET", "save");
    return Array.isArray(reply) && reply[1] !== "";
  };
  const conditions: [string, () => boolean | Promise<boolean>][] = [
    ["server11 alone holds the VIP", () => server11.holdsVip() && !server12.holdsVip()],
    ["server11 is master", async () => (await server11.role()) === "master"],
    ["server12 is a replica in sync", async () => (await server12.role()) === "replica" && (await server12.inSync())],
    ["server12 stands by for the VIP", () => server12.vrrpState() === "BACKUP"],
    ["the replica alone writes snapshots", async () => !(await snapshots(server11)) && (await snapshots(server12))],
  ];
  for (const [sentence, condition] of conditions) await lab.until(condition, 10, sentence);
}

/** Writes a second of the last half second, looked at again at each call. */
export function speedometer(writing: Writing): () => string {
  let looks: { at_ms: number; count: number }[] = [];
  return () => {
    const now = { at_ms: monotonic_ms(), count: writing.progress.acknowledged };
    looks = [...looks.filter(({ at_ms }) => now.at_ms - at_ms < 500), now];
    const [first = now] = looks;
    const seconds = (now.at_ms - first.at_ms) / 1000;
    return `${thousands(seconds > 0 ? (now.count - first.count) / seconds : 0)} writes/s`;
  };
}
