import { renameSync, rmSync, writeFileSync } from "node:fs";
import { agentAlive } from "../state/heartbeat.ts";
import { look } from "../redis/observe-cluster.ts";
import { drainMark } from "../state/maintenance.ts";
import { drainChannel } from "../monitor/local-redis.ts";
import { type Run, Sessions } from "../failover/sessions.ts";
import { TooLate, until } from "../system/poll.ts";
import { Refusal } from "../cluster/errors.ts";
import { copiesFrom, type Here, type Peer, type Situation } from "../decide/situation.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";

/**
 * Has the virtual IP and the master role go to the node `target`: every other one is asked to give the virtual IP away,
 * Keepalived moves it, and the target's notify-master takes the role over with nothing lost. The wish ends with this
 * process, however it ends, so nothing stays drained; a fence that a hook has set ends by itself or with the next one.
 * Returns the seconds until the target was master with a replica in sync. Throws a Refusal when that does not happen.
 */
export async function moveVip(run: Run, target: string, deadline_ms: number): Promise<number> {
  const started = performance.now();
  const wishes = new Sessions(run);
  const looks = new Sessions(run);
  try {
    await wish(run, wishes, target);
    const what = `the virtual IP and the master role going to ${target}`;
    const settled = async () => arrived(run, target, await look(run, looks, holdsVip(run.cluster)));
    await until(settled, { deadline_ms, every_ms: 20, proceed: run.proceed, what });
    return (performance.now() - started) / 1000;
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
    throw new Refusal(error.message, {
      hint: `given up: within seconds the old master serves again. Does Keepalived run on ${target}, and what does the log there say?`,
    });
  } finally {
    if (target !== run.node.name) rmSync(run.paths.drain, { force: true });
    wishes.closeAll();
    looks.closeAll();
  }
}

/**
 * Here by the drain track file, which Keepalived sees within milliseconds; elsewhere over the other node's Redis. An agent
 * hears it that way on this host, too: it turns clients away before the address goes.
 */
async function wish(run: Run, wishes: Sessions, target: string): Promise<void> {
  const byFile = target !== run.node.name && !agentAlive(run.paths.agent);
  const others = run.cluster.nodes.filter(({ name }) => name !== target && !(byFile && name === run.node.name));
  const heard = await Promise.all(others.map(({ name }) => subscribe(run, wishes, name)));
  if (byFile) {
    const fresh = `${run.paths.drain}.${process.pid}`;
    writeFileSync(fresh, drainMark(), { mode: 0o644 });
    renameSync(fresh, run.paths.drain);
  } else if (!heard.includes(true)) {
    throw new Refusal("no Redis answers that could be asked to have the virtual IP given away");
  }
}

async function subscribe(run: Run, wishes: Sessions, name: string): Promise<boolean> {
  try {
    // In small letters: ioredis keeps its books by the name as given.
    await (await wishes.of(name)).ask("subscribe", drainChannel(run.cluster));
    return true;
  } catch {
    return false;
  }
}

function arrived(run: Run, target: string, { node, peers }: Situation): boolean {
  const all: (Here | Peer)[] = [node, ...peers];
  const there = all.find(({ name }) => name === target);
  if (there?.seen.kind !== "observed" || there.seen.role !== "master") return false;
  if (target === run.node.name && !node.holdsVip) return false;
  return all.some(({ seen }) => seen.kind === "observed" && copiesFrom(seen, there) && seen.source?.link === "up");
}
