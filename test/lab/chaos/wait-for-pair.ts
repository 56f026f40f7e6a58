import type { Writing } from "../client/writing.ts";
import type { Lab } from "../lab.ts";
import { monotonic_ms, type Outcome, sleep } from "../machine/process.ts";
import type { Server } from "../server/server.ts";

/** A node that has not come back by itself by then is one that an operator is called to. */
const byItself_ms = 15_000;
const deadline_ms = 30_000;
// A state that lasts: a hook that is still at work would end it.
const calm_ms = 700;
const unheard_ms = 5000;

export interface Settled {
  master: Server;
  replica: Server;
  /** From the end of the healing on. */
  after_ms: number;
  /** Nodes on which a person had to run recover-master, and what it said. */
  recovered: string[];
}

/** Waits for one master with the VIP and a synced replica; rejects with what is wrong when that takes too long. */
export async function settled(lab: Lab, writing: Writing, say: (text: string) => void): Promise<Settled> {
  const start_ms = monotonic_ms();
  const recovered: string[] = [];
  let calmSince_ms: number | undefined;
  let problem = "";
  let called = false;
  for (;;) {
    const now_ms = monotonic_ms();
    const found = await look(lab);
    if ("wrong" in found) {
      problem = found.wrong;
      calmSince_ms = undefined;
    } else {
      calmSince_ms ??= now_ms;
      problem = "no write through the VIP is acknowledged";
      const writes = writing.progress.last_ms > calmSince_ms + calm_ms - 200;
      if (now_ms - calmSince_ms >= calm_ms && writes) {
        return { ...found, after_ms: calmSince_ms - start_ms, recovered };
      }
      // Nothing may stay paused or fenced, and a fence ends by itself after a while: that must not pass for settled.
      const refused_ms = now_ms - Math.max(calmSince_ms, writing.progress.last_ms);
      if (refused_ms > unheard_ms)
        throw new Error(
          `roles and VIP are settled, and no write is acknowledged for ${unheard_ms / 1000} s: ${JSON.stringify(writing.progress.errors)}`,
        );
    }
    if (!called && now_ms - start_ms > byItself_ms) {
      called = true;
      for (const server of await needHelp(lab)) {
        say(`${server.name} does not come back by itself (${problem}): recover-master`);
        const { code, stdout, stderr } = await server
          .run(["recover-master"], { deadline_ms: 20_000 })
          .catch((error: Error): Pick<Outcome, "code" | "stdout" | "stderr"> => {
            return { code: null, stdout: "", stderr: error.message };
          });
        recovered.push(`${server.name}: ${problem}; exit ${code}${code === 0 ? "" : `: ${stdout}${stderr}`}`);
      }
    }
    if (now_ms - start_ms > deadline_ms)
      throw new Error(`not settled ${deadline_ms / 1000} s after healing: ${problem}`);
    await sleep(50);
  }
}

async function look(lab: Lab): Promise<{ master: Server; replica: Server } | { wrong: string }> {
  const seen = await Promise.all(
    lab.servers.map(async (server) => ({ server, info: await server.info(), vip: server.holdsVip() })),
  );
  const masters = seen.filter(({ info }) => info?.role === "master");
  const holders = seen.filter(({ vip }) => vip);
  const names = (list: typeof seen) => list.map(({ server }) => server.name).join(" and ") || "nobody";
  const [master] = masters;
  const replica = seen.find(({ server }) => server !== master?.server);
  if (!master || !replica || masters.length > 1) return { wrong: `master is ${names(masters)}` };
  if (holders.length !== 1 || holders[0]?.server !== master.server)
    return { wrong: `${master.server.name} is master, and the VIP is on ${names(holders)}` };
  const { info } = replica;
  if (!info) return { wrong: `Redis of ${replica.server.name} does not answer` };
  if (info.master_host !== master.server.address || info.master_link_status !== "up")
    return { wrong: `${replica.server.name} follows ${info.master_host}, link ${info.master_link_status}` };
  if (info.master_sync_in_progress !== "0" || info.loading === "1")
    return { wrong: `${replica.server.name} is still copying` };
  return { master: master.server, replica: replica.server };
}

/** An operator looks at the node that is not what it should be: the one that is no master with the VIP. */
async function needHelp(lab: Lab): Promise<Server[]> {
  const roles = await Promise.all(lab.servers.map((server) => server.role()));
  return lab.servers.filter((server, index) => !(server.holdsVip() && roles[index] === "master"));
}
