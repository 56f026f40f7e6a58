import type { WriteReport } from "../client/write-report.ts";
import type { Server } from "../server/server.ts";
import type { Cost } from "./crash.ts";
import type { Recovery } from "./recovery.ts";
import { thousands } from "./screen.ts";
import { database, type Stage } from "./stage.ts";

export interface Kept {
  server: string;
  /** Keys of database 1 that are there with the value that was written. */
  right: number;
}

export interface Written {
  loads: WriteReport[];
  crash: Cost;
  recovery: Recovery;
}

export interface Verified {
  written: number;
  kept: Kept[];
  /** Acknowledged during the recovery, and missing on a node. */
  lostInRecovery: number;
}

/** Reads every key that was ever acknowledged from both nodes, and compares its value with what was written. */
export async function verification(stage: Stage, { loads, crash, recovery }: Written): Promise<Verified> {
  const { lab, screen, problems } = stage;
  await lab.until(() => sameOffset(lab.servers), 10, "the replica has everything that the master has");
  const written = loads.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  const kept: Kept[] = [];
  const lostInRecovery = new Set<string>();
  for (const server of lab.servers) {
    screen.status(() => `reading every key on ${server.name}`);
    const missing = (await Promise.all(loads.map((report) => lab.lostWrites(report, server)))).flat().length;
    const size = await keysIn(server);
    if (missing > 0 || size !== written) {
      problems.push(
        `${server.name} has ${size} keys in db${database}; of the ${written} written ${missing} are missing or wrong`,
      );
    }
    kept.push({ server: server.name, right: written - missing });
    const lost = await lab.lostWrites(recovery.report, server);
    for (const key of lost) lostInRecovery.add(key);
    const since = (await lab.lostWrites(crash.report, server)).filter((key) => !crash.lost.includes(key)).length;
    if (since > 0) problems.push(`${server.name} has lost ${since} writes since the crash that had survived it`);
    const steady = crash.report.acknowledged - crash.lost.length + recovery.report.acknowledged;
    screen.say(
      `${server.name} (${await server.role()}): ${thousands(written - missing)} of ${thousands(written)} keys in db${database} have the value that was written, and ${thousands(steady - since - lost.length)} of ${thousands(steady)} of the steady writer.`,
    );
  }
  screen.status(undefined);
  if (lostInRecovery.size > 0) problems.push(`the recovery lost ${lostInRecovery.size} acknowledged writes`);
  return { written, kept, lostInRecovery: lostInRecovery.size };
}

const keysIn = async (server: Server): Promise<number> =>
  Number(/^keys=(\d+)/.exec((await server.info())?.[`db${database}`] ?? "")?.[1] ?? 0);

async function sameOffset(servers: readonly Server[]): Promise<boolean> {
  const offsets = await Promise.all(servers.map(async (server) => (await server.info())?.master_repl_offset));
  return offsets.every((offset) => offset !== undefined && offset === offsets[0]);
}
