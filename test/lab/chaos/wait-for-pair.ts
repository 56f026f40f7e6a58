import type { Writing } from "../client/writing.ts";
import type { Lab } from "../lab.ts";
import { monotonic_ms, type Outcome, sleep } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import type { FaultContext } from "./fault-context.ts";
import { ReplicaProgress } from "./replica-progress.ts";

// After this time an operator would be called, and the test runs recover-master.
const byItself_ms = 15_000;
// A replica that copies or loads is on its way. With a million keys and more that takes 10 s on a busy machine.
const whileCopying_ms = 30_000;
// A Redis that loads answers INFO seldom.
const loading_ms = 4000;
// After this time the operator would give up the newest data.
const allowLoss_ms = 25_000;
const deadline_ms = 40_000;
// A hook that is still running would change the state within this time: of a holder for 0.4 s one took the role 1.1 s after the repair
// (seed 2921, round 106).
const stable_ms = 1500;
const noWrite_ms = 5000;

/** How long after the repair a pair may take. What an operator allowed may be copied after that (1.4 million keys: 15 s, seed 2911). */
export const patience_ms = (allowedAfter_ms: number | undefined): number =>
  allowedAfter_ms === undefined ? deadline_ms : Math.max(deadline_ms, allowedAfter_ms + whileCopying_ms);

export interface RestoredPair {
  master: Server;
  replicas: Server[];
  /** Since the end of the repair. */
  after_ms: number;
  /** Nodes on which recover-master had to be run, with its output. */
  recovered: string[];
  /** Nodes that the operator made master with --allow-data-loss, with the product's refusal before that. */
  allowed: string[];
  /** When that was typed first. */
  allowed_ms: number | undefined;
  /** For how long a replica that lacked what its master had when the roles were right applied nothing, with its link up. */
  stopped_ms: number;
}

/** Waits for one master with the VIP, and the others as its replicas in sync. Rejects with what is wrong if that takes too long. */
export async function waitForPair(
  lab: Lab,
  writing: Writing,
  print: (text: string) => void,
  operator: Pick<FaultContext, "typed">,
): Promise<RestoredPair> {
  const type = (server: Server, command: readonly string[]) => operator.typed(() => outcomeOf(server, command));
  const start_ms = monotonic_ms();
  const recovered: string[] = [];
  const allowed: string[] = [];
  let stableSince_ms: number | undefined;
  let progress: ReplicaProgress | undefined;
  let problem = "";
  let helped = false;
  let allowed_ms: number | undefined;
  let copied_ms = Number.NEGATIVE_INFINITY;
  for (;;) {
    const now_ms = monotonic_ms();
    const found = await findPair(lab);
    if ("wrong" in found) {
      problem = found.wrong;
      stableSince_ms = undefined;
    } else {
      const { master, replicas, offsets } = found;
      if (stableSince_ms === undefined) progress = new ReplicaProgress(offsets.master, offsets.replicas, now_ms);
      stableSince_ms ??= now_ms;
      const caughtUp = progress?.see(offsets.replicas, now_ms) === true;
      problem = caughtUp ? "no write through the VIP is acknowledged" : "a replica lacks what its master has";
      const writes = writing.progress.last_ms > stableSince_ms + stable_ms - 200;
      if (now_ms - stableSince_ms >= stable_ms && writes && caughtUp) {
        const [after_ms, stopped_ms] = [stableSince_ms - start_ms, progress?.stopped_ms ?? 0];
        return { master, replicas, after_ms, recovered, allowed, allowed_ms, stopped_ms };
      }
      // No pause or fence may remain. Each ends by itself later, and that must not count as success.
      const refused_ms = now_ms - Math.max(stableSince_ms, writing.progress.last_ms);
      if (refused_ms > noWrite_ms)
        throw new Error(
          `roles and VIP are right, but no write was acknowledged for ${noWrite_ms / 1000} s: ${JSON.stringify(writing.progress.errors)}`,
        );
    }
    if ("wrong" in found && found.copies) copied_ms = now_ms;
    const copies = now_ms - copied_ms < loading_ms;
    if (!helped && now_ms - start_ms > (copies ? whileCopying_ms : byItself_ms)) {
      helped = true;
      for (const server of await needingHelp(lab)) {
        print(`${server.name} does not recover by itself (${problem}): running recover-master`);
        recovered.push(`${server.name}: ${problem}; ${await type(server, ["recover-master"])}`);
      }
    }
    if (allowed.length === 0 && now_ms - start_ms > allowLoss_ms) {
      const server = await newestOfNoMaster(lab);
      if (server) {
        print(`no node serves (${problem}): running notify-master --allow-data-loss on ${server.name}`);
        const refusal = refusalOf(server);
        allowed_ms ??= monotonic_ms();
        allowed.push(`${server.name}: ${refusal}; ${await type(server, ["notify-master", "--allow-data-loss"])}`);
      }
    }
    if (now_ms - start_ms > patience_ms(allowed_ms === undefined ? undefined : allowed_ms - start_ms))
      throw new Error(
        `no master with a replica in sync ${Math.round((now_ms - start_ms) / 1000)} s after the repair: ${problem}`,
      );
    await sleep(50);
  }
}

interface NoPair {
  wrong: string;
  /** A replica copies from the master, or loads what it has copied. */
  copies: boolean;
}

interface Pair {
  master: Server;
  replicas: Server[];
  offsets: { master: number; replicas: number[] };
}

async function findPair(lab: Lab): Promise<Pair | NoPair> {
  const seen = await Promise.all(
    lab.servers.map(async (server) => ({ server, info: await server.info(), vip: server.holdsVip() })),
  );
  const masters = seen.filter(({ info }) => info?.role === "master");
  const holders = seen.filter(({ vip }) => vip);
  const names = (list: typeof seen) => list.map(({ server }) => server.name).join(" and ") || "none";
  const [master] = masters;
  if (!master || masters.length > 1) return { wrong: `master is ${names(masters)}`, copies: false };
  if (holders.length !== 1 || holders[0]?.server !== master.server)
    return { wrong: `${master.server.name} is master, and the VIP is on ${names(holders)}`, copies: false };
  const replicas = seen.filter((one) => one !== master);
  for (const { server, info } of replicas) {
    if (!info) return { wrong: `Redis of ${server.name} does not answer`, copies: false };
    const copies = info.master_sync_in_progress !== "0" || info.loading === "1";
    if (info.master_host !== master.server.address || info.master_link_status !== "up")
      return { wrong: `${server.name} follows ${info.master_host}, link ${info.master_link_status}`, copies };
    if (copies) return { wrong: `${server.name} is still copying`, copies };
  }
  const offsetOf = ({ info }: (typeof seen)[number]) => Number(info?.master_repl_offset);
  return {
    master: master.server,
    replicas: replicas.map(({ server }) => server),
    offsets: { master: offsetOf(master), replicas: replicas.map(offsetOf) },
  };
}

async function outcomeOf(server: Server, command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await server
    .run(command, { deadline_ms: 20_000 })
    .catch((error: Error): Pick<Outcome, "code" | "stdout" | "stderr"> => {
      return { code: null, stdout: "", stderr: error.message };
    });
  return `exit ${code}${code === 0 ? "" : `: ${stdout}${stderr}`}`;
}

/** The server with the most keys, if none is master. */
async function newestOfNoMaster(lab: Lab): Promise<Server | undefined> {
  const infos = await Promise.all(lab.servers.map(async (server) => ({ server, info: await server.info() })));
  if (infos.some(({ info }) => info?.role === "master")) return undefined;
  const keys = ({ info }: (typeof infos)[number]) => Number(/^keys=(\d+)/.exec(info?.db0 ?? "")?.[1] ?? 0);
  return infos.filter(({ info }) => info).sort((one, other) => keys(other) - keys(one))[0]?.server;
}

/** What the product says of why this server does not serve. */
function refusalOf(server: Server): string {
  const last = (event: string) => server.log().findLast((line) => line.event === event);
  const [refused, verdict] = [last("transition-refused"), last("verdict")];
  return [refused?.message, verdict?.message, verdict?.detail].filter(Boolean).join("; ");
}

/** The nodes on which an operator would run recover-master: those that are not a master with the VIP. */
async function needingHelp(lab: Lab): Promise<Server[]> {
  const roles = await Promise.all(lab.servers.map((server) => server.role()));
  return lab.servers.filter((server, index) => !(server.holdsVip() && roles[index] === "master"));
}
