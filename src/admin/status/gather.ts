import { basename } from "node:path";
import { defaultCluster } from "../../cluster/paths.ts";
import type { Node } from "../../cluster/schema.ts";
import { startProblem } from "../../keepalived/start-problem.ts";
import { vipOf } from "../../keepalived/virtual-ip.ts";
import type { Gathered, GatheredNode, HostAnswer, RedisAnswer } from "../../model/status.ts";
import { accessOptions, cliProgram } from "../../redis/cli-program.ts";
import { parseInfo } from "../../redis/info.ts";
import { failedObservation, observeSession } from "../../redis/observe.ts";
import { endpointOf, type Session } from "../../redis/session.ts";
import type { RedisContext } from "../../redis/sessions.ts";
import { writesHeld } from "../../redis/writes-held.ts";
import { drainRequested, readyAnnounced } from "../../state/drain.ts";
import { hostReport } from "../../state/host-report.ts";
import { within } from "../../system/within.ts";
import { askHost } from "../ask-host.ts";

/** All servers are asked at the same time, and the whole must take less than a second if they are silent. */
export const answer_ms = 400;

interface StatusContext extends RedisContext {
  /** Why the cluster file or the password file can't be used. */
  broken: { message: string } | undefined;
}

/** Asks every Redis, every agent and the virtual IP at the same time. Changes nothing, never rejects. */
export async function gather(context: StatusContext): Promise<Gathered> {
  const { cluster, node, broken } = context;
  const [nodes, vipRunId] = await Promise.all([
    Promise.all(cluster.nodes.map((one) => gatherNode(context, one))),
    runIdAtVip(context),
  ]);
  return {
    ...{ cluster: cluster.name, vip: vipOf(cluster), from: node.name, at: new Date().toISOString() },
    ...{ broken: broken?.message ?? null, nodes, vipRunId, settings: settingsOf(context) },
  };
}

async function gatherNode(context: StatusContext, node: Node): Promise<GatheredNode> {
  const here = node.name === context.node.name;
  const [redis, host] = await Promise.all([
    askRedis(context, node),
    here ? thisHost(context) : askHost(context, node, answer_ms),
  ]);
  return { name: node.name, address: node.address, port: context.cluster.redis.port, here, redis, host };
}

async function thisHost(context: StatusContext): Promise<HostAnswer> {
  const report = hostReport(context);
  const keepalived_problem = report.keepalived_problem ?? (await startProblem(answer_ms));
  return { report: { ...report, keepalived_problem }, via: "host" };
}

async function askRedis(context: StatusContext, node: Node): Promise<RedisAnswer> {
  const { cluster, password } = context;
  const endpoint = endpointOf(cluster, node, password);
  const none = { ready: false, drainRequested: false };
  const detail = `${endpoint.host}:${endpoint.port}: no answer within ${answer_ms / 1000} s`;
  const late: RedisAnswer = { seen: { kind: "unreachable", why: "timeout", detail }, ...none };
  const ask = async (session: Session): Promise<RedisAnswer> => {
    const [seen, held, ready, drain] = await Promise.all([
      observeSession(session),
      writesHeld(session).catch(() => ({})),
      readyAnnounced(session, cluster).catch(() => false),
      drainRequested(session, cluster).catch(() => false),
    ]);
    return { seen, ...held, ready, drainRequested: drain };
  };
  return withSession(context, endpoint, ask, late, (error) => ({ seen: failedObservation(endpoint, error), ...none }));
}

/** The holder is whoever answers at the virtual IP; undefined if nobody does, or rejects us. */
function runIdAtVip(context: StatusContext): Promise<string | undefined> {
  const { cluster, password } = context;
  const endpoint = { ...endpointOf(cluster, context.node, password), host: vipOf(cluster) };
  const ask = async (session: Session) => parseInfo(String(await session.ask("INFO")))?.runId;
  return withSession<string | undefined>(context, endpoint, ask, undefined, () => undefined);
}

/** One connection for one answer. The deadline is for all of it: connecting, logging in, and each reply. */
function withSession<T>(
  { open }: StatusContext,
  endpoint: Session["endpoint"],
  ask: (session: Session) => Promise<T>,
  late: T,
  failed: (error: unknown) => T,
): Promise<T> {
  const answer = open(endpoint, answer_ms).then((session) => ask(session).finally(() => session.close()));
  return within(answer_ms, answer.catch(failed), late);
}

function settingsOf({ cluster, node, file }: StatusContext): Gathered["settings"] {
  const { redis, commands, failover, vip } = cluster;
  return {
    file,
    options: file === defaultCluster ? "" : ` --cluster ${file}`,
    port: redis.port,
    passwordFile: redis.password_file,
    redisCli: [basename(cliProgram() ?? "redis-cli"), ...accessOptions(redis)].join(" "),
    interface: node.interface ?? vip.interface,
    startRedis: commands.start_redis.join(" "),
    startKeepalived: commands.start_keepalived.join(" "),
    maxMissing: { bytes: failover.max_missing_bytes, seconds: failover.max_missing_seconds },
  };
}
