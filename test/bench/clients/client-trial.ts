import { loadavg } from "node:os";
import { longestGapAfter } from "../../lab/client/write-rates.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { monotonic_ms, sleep } from "../../lab/machine/process.ts";
import { redisPort } from "../../lab/server/redis-conf.ts";
import { agent } from "../contenders/ours.ts";
import { type Event, tookOver } from "../events.ts";
import type { Program } from "./libraries.ts";
import { type Kinds, Probe } from "./probe.ts";

/** Where the probe is on the client's host. */
export const probeFolder = "/opt/lab/probe";

/** What one event cost the application that uses a library with one of its settings. */
export interface ClientTrial {
  /** Longest time without an acknowledged write after the event; null: none came within 40 s. */
  gap_ms: number | null;
  /** Acknowledged writes that the new master does not have. */
  lost: number;
  /** Writes that the application was told have failed. */
  failures: Kinds;
  /** Errors that the library reported beside them. */
  events: Kinds;
  /** Of the machine in the minute before the event. */
  load: number;
}

export interface Outcome {
  setting: string;
  version: string;
  trial: ClientTrial;
}

// The TCP keepalive of some libraries finds out after 30 s.
const recovery_ms = 40_000;
const mend_ms = 1000;
const after_ms = 2000;
const start_s = 10;

/** One event, with a probe for each setting of a library: all of them meet the same one. */
export async function clientTrial(program: Program, settings: readonly string[], event: Event): Promise<Outcome[]> {
  const lab = await startLab(agent.lab);
  try {
    await agent.bringUp(lab);
    install(lab, program);
    const { client, vip: host, password = "" } = lab;
    const probes = settings.map((setting, nth) => {
      const target = { host, port: redisPort, password, keyPrefix: `c${nth}`, setting };
      return new Probe(client.spawn(program.argv), target);
    });
    await lab.until(() => probes.every(writes), start_s, "every probe writes");
    await sleep(500 + Math.random() * 2000);
    const load = loadavg()[0] ?? Number.NaN;
    const struck_ms = monotonic_ms();
    await event.strike(lab, agent);
    await tookOver({ lab, contender: agent });
    const tookOver_ms = monotonic_ms();
    if (event.mend) {
      await sleep(mend_ms);
      await event.mend(lab);
    }
    const recovered = (probe: Probe) => probe.last_ms > tookOver_ms;
    while (!probes.every(recovered) && monotonic_ms() < struck_ms + recovery_ms) await sleep(20);
    const back = new Set(probes.filter(recovered));
    await sleep(after_ms);
    for (const probe of probes) probe.end();
    await sleep(100);
    return await Promise.all(
      probes.map(async (probe) => ({
        setting: probe.setting,
        version: probe.version,
        trial: { ...(await judged(lab, probe, struck_ms)), load, ...(!back.has(probe) && { gap_ms: null }) },
      })),
    );
  } catch (error) {
    throw new Error(`${event.name}: ${(error as Error).message}\n${await lab.dump().catch(String)}`);
  } finally {
    await lab.stop();
  }
}

function install({ client }: Lab, { file, module }: Program): void {
  client.disk.write(file.path, Uint8Array.from(file.contents), 0o755);
  if (module) client.disk.install(module.from, module.path);
}

function writes(probe: Probe): boolean {
  probe.assertRuns();
  return probe.acknowledged >= 20;
}

async function judged(lab: Lab, probe: Probe, struck_ms: number) {
  const report = probe.report();
  return {
    gap_ms: Math.round(10 * longestGapAfter(report, struck_ms).ms) / 10,
    lost: (await lab.lostWrites(report, lab.server12)).length,
    failures: probe.failures,
    events: probe.events,
  };
}
