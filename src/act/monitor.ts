import type { Paths } from "../cluster/paths.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import type { Situation } from "../decide/situation.ts";
import { ownVerdict, repairable, type Verdict, verdictAmongPeers } from "../decide/verdict.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Level } from "../log-line.ts";
import { failure, type Observation, observe, observeSession } from "../redis/observe.ts";
import { type Endpoint, endpointOf } from "../redis/session.ts";
import { openWire } from "../redis/wire.ts";
import { atWork, newestIntent } from "./intent.ts";
import { draining, maintenance } from "./marks.ts";
import { repair, repairDue } from "./repair.ts";
import { type LastVerdict, readVerdict, uptime_s, writeVerdict } from "./verdict-file.ts";

export interface Check {
  cluster: Cluster;
  node: Node;
  password: string | undefined;
  paths: Paths;
  /** This host's. */
  addresses: string[];
  /** Where the hooks are, and the options that lead them to the same cluster. */
  binFolder: string;
  hookOptions: string[];
  /** Why the cluster file can't be used; the last good one stands in for it. */
  broken?: Error | undefined;
}

/** What a change of verdict is worth to the log; nothing where nothing changed. */
export interface News {
  level: Level;
  message: string;
  fields: Record<string, unknown>;
}

// A server that refuses once may be between two listens; one that was killed refuses again.
const askAgainAfter_ms = 10;

/** One run of the monitor. Ends within two of `monitor.timeout` and a third where peers must be asked. */
export async function check(job: Check): Promise<{ verdict: Verdict; news?: News }> {
  const { cluster, node, password, paths, broken } = job;
  const last = readVerdict(paths.verdict);
  if (last && maintenance(paths.maintenance, Date.now())) return { verdict: last };

  const holder = holdsVip(cluster, job.addresses);
  const endpoint = endpointOf(cluster, node, password);
  const own = await ask(cluster, endpoint);
  const intent = newestIntent(paths.intents);
  const inTransition = intent !== undefined && atWork(intent);
  const runId = own.seen.kind === "observed" ? own.seen.runId : undefined;
  const found = ownVerdict({
    seen: own.seen,
    holdsVip: holder,
    restarted: runId !== undefined && last?.run_id !== undefined && runId !== last.run_id,
    draining: own.drainAsked || draining(paths.drain),
    inTransition,
    lasting: (cause) => (last?.cause === cause ? uptime_s() - last.since_s : 0),
  });
  const verdict =
    "soft" in found ? verdictAmongPeers(found.soft, found.detail, await among(job, own.seen, holder)) : found;
  const problem = broken?.message;
  // Only a fit server's process is one to compare the next one with.
  const run_id = verdict.healthy ? (runId ?? last?.run_id) : last?.run_id;
  if (!inTransition && intent && repairable.has(verdict.cause)) {
    const lasting_s = last?.cause === verdict.cause ? uptime_s() - last.since_s : 0;
    if (repairDue(lasting_s)) repair(job.binFolder, intent, job.hookOptions);
  }
  const news = last?.cause !== verdict.cause || last.healthy !== verdict.healthy || last.problem !== problem;
  if (!news && last.run_id === run_id) return { verdict };
  const since_s = last?.cause === verdict.cause ? last.since_s : uptime_s();
  writeVerdict(paths.verdict, { ...verdict, since_s, at: new Date().toISOString(), problem, run_id });
  return news ? { verdict, news: newsOf(verdict, last, problem) } : { verdict };
}

// The server lives, so the verdict stays good, but nobody could fail over like this.
const loud = new Set(["password", "permission", "full"]);

function newsOf({ healthy, cause, detail }: Verdict, last: LastVerdict | undefined, problem: string | undefined): News {
  const level = problem || loud.has(cause) ? "error" : healthy ? "info" : "warn";
  const before = last ? `, was ${last.cause}` : "";
  return {
    level,
    message: `${healthy ? "fit" : "unfit"} to hold the virtual IP: ${cause}${before}`,
    fields: { healthy, cause, detail, ...(problem ? { broken_cluster_file: problem } : {}) },
  };
}

interface Own {
  seen: Observation;
  drainAsked: boolean;
}

/** Asks our own Redis, and a second time before it says that there was no answer: this is what makes `fall 1` safe. */
async function ask(cluster: Cluster, endpoint: Endpoint): Promise<Own> {
  const first = await askOnce(cluster, endpoint);
  if (first.seen.kind !== "unreachable") return first;
  await new Promise((resolve) => setTimeout(resolve, askAgainAfter_ms));
  return askOnce(cluster, endpoint);
}

async function askOnce(cluster: Cluster, endpoint: Endpoint): Promise<Own> {
  try {
    // Not closed: the monitor's end does that, and taking the socket down costs a millisecond.
    const session = await openWire(endpoint, cluster.monitor.timeout * 1000);
    const drain = session.ask("PUBSUB", "NUMSUB", drainChannel(cluster)).catch(() => undefined);
    const seen = await observeSession(session);
    return { seen, drainAsked: listeners(await drain) > 0 };
  } catch (error) {
    return { seen: failure(endpoint, error), drainAsked: false };
  }
}

/**
 * Another node asks this one to give the virtual IP away by listening on this channel of our Redis: the wish needs
 * no other way between the hosts, leaves nothing in the data, and ends with whoever made it.
 */
export const drainChannel = (cluster: Cluster): string => `keepalived-redis:${cluster.name}:drain`;

const listeners = (reply: unknown): number => (Array.isArray(reply) ? Number(reply[1]) : 0);

async function among({ cluster, node, password }: Check, seen: Observation, holder: boolean): Promise<Situation> {
  const peers = cluster.nodes.filter(({ name }) => name !== node.name);
  const answers = await Promise.all(
    peers.map((peer) => observe(openWire, endpointOf(cluster, peer, password), cluster.monitor.timeout * 1000)),
  );
  const { port } = cluster.redis;
  return {
    node: { name: node.name, host: node.address, port, seen, holdsVip: holder },
    peers: peers.map(({ name, address }, index) => ({
      name,
      host: address,
      port,
      seen: answers[index] as Observation,
    })),
    persistence: cluster.redis.persistence,
    allowDataLoss: false,
  };
}
