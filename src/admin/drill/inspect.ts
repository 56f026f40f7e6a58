import { setTimeout as sleep } from "node:timers/promises";
import { CommandRefused } from "../../cluster/errors.ts";
import { doctorReport } from "../../decide/doctor/report.ts";
import { drillStart, wrongIn } from "../../decide/drill/may-start.ts";
import { statusReport } from "../../decide/status/report.ts";
import { switchover } from "../../decide/switchover.ts";
import { holdsVip } from "../../keepalived/virtual-ip.ts";
import type { Prediction } from "../../model/doctor-report.ts";
import type { DrillReport } from "../../model/drill.ts";
import type { StatusReport } from "../../model/status.ts";
import { openConnection } from "../../redis/connection.ts";
import { observeCluster } from "../../redis/observe-cluster.ts";
import { Sessions } from "../../redis/sessions.ts";
import { gatherFacts } from "../doctor/gather.ts";
import { startCommand } from "../start-redis.ts";
import { gather } from "../status/gather.ts";
import type { DrillContext } from "./context.ts";
import { localProcess } from "./kill-redis.ts";

/** What a drill starts from. */
export interface Inspected extends Pick<DrillReport, "master" | "replica" | "profile" | "from_holder"> {
  prediction: Prediction | null;
  /** Only with `--kill-redis`: the process of the local Redis. */
  pid: number | undefined;
  /** Starts the Redis of the master again, for servers that need to know whom to follow. */
  startRedis: string[];
  /** The nodes whose hosts told nothing. */
  untold: string[];
}

/** All that is checked before a drill. Changes nothing. Throws a CommandRefused if it must not start. */
export async function inspect(context: DrillContext): Promise<Inspected> {
  const { cluster, killRedis } = context;
  const asking = { ...context, open: openConnection, broken: undefined };
  const sessions = new Sessions(asking);
  const from_holder = holdsVip(cluster);
  try {
    const status = await settledStatus(asking);
    const [facts, situation, local] = await Promise.all([
      gatherFacts({ ...asking, measure: true }),
      observeCluster(asking, sessions, { holdsVip: from_holder }),
      killRedis ? localProcess(asking, sessions) : undefined,
    ]);
    const doctor = doctorReport(facts);
    const start = drillStart({ status, doctor, move: switchover(situation, undefined), kill: local?.facts });
    if (start.kind === "refused") throw new CommandRefused(start.refusal.cause, { remedy: start.refusal.remedy });
    const { keepalivedConf } = facts.host;
    const untold = status.nodes.filter(({ maintenance }) => maintenance.value === null).map(({ name }) => name);
    const replica = cluster.nodes.find(({ name }) => name === start.to);
    const source = { name: start.to, host: replica?.address ?? "", port: cluster.redis.port };
    return {
      startRedis: startCommand(cluster, source),
      ...{ master: start.from, replica: start.to, from_holder, prediction: doctor.prediction, pid: local?.pid },
      profile: ("value" in keepalivedConf ? keepalivedConf.value.profile : undefined) ?? null,
      untold,
    };
  } finally {
    sessions.closeAll();
  }
}

const looks = 3;
const again_ms = 1000;

/** What `status` says, and says again if something is wrong: on a busy host one answer may be late, and a node that gave the virtual IP away is in FAULT for a second. */
async function settledStatus(asking: Parameters<typeof gather>[0]): Promise<StatusReport> {
  for (let look = 1; ; look++) {
    const report = statusReport(await gather(asking));
    if (look === looks || wrongIn(report) === undefined) return report;
    await sleep(again_ms);
  }
}
