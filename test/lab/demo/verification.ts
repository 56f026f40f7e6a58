import type { WriteReport } from "../client/write-report.ts";
import type { Server } from "../server/server.ts";
import type { CrashResult } from "./crash.ts";
import { type DemoContext, database } from "./demo-context.ts";
import { thousands } from "./demo-output.ts";
import type { Recovery } from "./recovery.ts";

export interface VerifiedNode {
  server: string;
  /** The number of keys in database 1 that have the value that was written. */
  correct: number;
}

export interface Written {
  loads: WriteReport[];
  crash: CrashResult;
  recovery: Recovery;
}

export interface Verified {
  written: number;
  nodes: VerifiedNode[];
  /** The number of writes that were acknowledged during the recovery and are missing on a node. */
  lostInRecovery: number;
}

/** Reads every acknowledged key from both nodes, and compares its value with what was written. */
export async function verification(context: DemoContext, { loads, crash, recovery }: Written): Promise<Verified> {
  const { lab, output, problems } = context;
  await lab.until(() => sameOffset(lab.servers), 10, "master and replica have the same offset");
  const written = loads.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  const nodes: VerifiedNode[] = [];
  const lostInRecovery = new Set<string>();
  for (const server of lab.servers) {
    output.status(() => `reading every key on ${server.name}`);
    const missing = (await Promise.all(loads.map((report) => lab.lostWrites(report, server)))).flat().length;
    const size = await keysIn(server);
    if (missing > 0 || size !== written) {
      problems.push(
        `${server.name} has ${size} keys in db${database}; of the ${written} written ${missing} are missing or wrong`,
      );
    }
    nodes.push({ server: server.name, correct: written - missing });
    const lost = await lab.lostWrites(recovery.report, server);
    for (const key of lost) lostInRecovery.add(key);
    const lostSince = (await lab.lostWrites(crash.report, server)).filter((key) => !crash.lost.includes(key)).length;
    if (lostSince > 0) problems.push(`${server.name} lost ${lostSince} writes that had survived the crash`);
    const ofWriter = crash.report.acknowledged - crash.lost.length + recovery.report.acknowledged;
    output.paragraph(
      `${server.name} (${await server.role()}): ${thousands(written - missing)} of ${thousands(written)} keys in db${database} have the value that was written, and so have ${thousands(ofWriter - lostSince - lost.length)} of ${thousands(ofWriter)} keys that were written during crash and recovery.`,
    );
  }
  output.status(undefined);
  if (lostInRecovery.size > 0) problems.push(`the recovery lost ${lostInRecovery.size} acknowledged writes`);
  return { written, nodes, lostInRecovery: lostInRecovery.size };
}

const keysIn = async (server: Server): Promise<number> =>
  Number(/^keys=(\d+)/.exec((await server.info())?.[`db${database}`] ?? "")?.[1] ?? 0);

async function sameOffset(servers: readonly Server[]): Promise<boolean> {
  const offsets = await Promise.all(servers.map(async (server) => (await server.info())?.master_repl_offset));
  return offsets.every((offset) => offset !== undefined && offset === offsets[0]);
}
