import { priorityOf } from "../../cluster/local-node.ts";
import { defaultCluster } from "../../cluster/paths.ts";
import type { Cluster, Node } from "../../cluster/schema.ts";
import { vipOf } from "../../keepalived/virtual-ip.ts";
import type { DoctorFacts, Fact, NodeFacts, Unknown } from "../../model/doctor.ts";
import type { HostReport } from "../../model/host-report.ts";
import { endpointOf } from "../../redis/session.ts";
import type { RedisContext } from "../../redis/sessions.ts";
import { hostReport } from "../../state/host-report.ts";
import { anyReachable } from "../../system/reachable.ts";
import { within } from "../../system/within.ts";
import { askHost } from "../ask-host.ts";
import { readHost } from "./host-facts.ts";
import { readNetwork } from "./network-facts.ts";
import { type ReadRedis, readRedis, tryAsReplica } from "./redis-facts.ts";

const agent_ms = 1000;
const witness_ms = 1000;
const redis_ms = 6000;

type OfHost = Pick<NodeFacts, "holder" | "keepalived" | "agent" | "clusterFile">;

/** `measure`: also how much is written, and what is heard on the network, which takes a second or two. */
interface DoctorContext extends RedisContext {
  measure: boolean;
}

/** Asks every Redis, every agent and the witnesses at the same time, and reads this host. Changes nothing, never rejects. */
export async function gatherFacts(context: DoctorContext): Promise<DoctorFacts> {
  const { cluster, node, file, measure } = context;
  const [nodes, witnesses, network] = await Promise.all([
    Promise.all(cluster.nodes.map((one) => askNode(context, one))),
    Promise.all(
      cluster.failover.witnesses.map(async (address) => ({
        address,
        answers: await anyReachable([address], witness_ms),
      })),
    ),
    readNetwork(cluster, node, measure),
  ]);
  const local = nodes.find(({ facts }) => facts.here);
  return {
    cluster: cluster.name,
    vip: vipOf(cluster),
    here: node.name,
    file,
    options: file === defaultCluster ? "" : ` --cluster ${file}`,
    passwordFile: cluster.redis.password_file,
    user: cluster.redis.username ?? "default",
    timing: timingOf(cluster),
    witnesses,
    nodes: await Promise.all(nodes.map(({ facts, redis }) => withLogins(context, facts, redis))),
    host: await readHost(context, local?.redis.configFile ?? { unknown: "this node is not in the cluster file" }),
    network,
  };
}

function timingOf(cluster: Cluster): DoctorFacts["timing"] {
  const { monitor, agent, vip } = cluster;
  return {
    monitor,
    agent,
    advert_interval: vip.advert_interval,
    version: vip.auth_password === undefined ? 3 : 2,
    lowest_priority: Math.min(...cluster.nodes.map((node) => priorityOf(cluster, node))),
  };
}

async function askNode(context: DoctorContext, node: Node) {
  const { cluster, password, open, measure } = context;
  const here = node.name === context.node.name;
  const channel = `keepalived-redis:${cluster.name}:doctor`;
  const [redis, host] = await Promise.all([
    within(
      redis_ms,
      readRedis(endpointOf(cluster, node, password), { name: node.name, open, channel, measure }),
      silent(node),
    ),
    here ? reported(hostReport(context)) : askOther(context, node),
  ]);
  const { configFile: _, asReplica: __, ...known } = redis;
  const facts: NodeFacts = { name: node.name, address: node.address, here, follows: [], ...known, ...host };
  return { facts, redis };
}

function silent({ name }: Node): ReadRedis {
  const late = { unknown: `the Redis of ${name} does not answer: nothing within ${redis_ms / 1000} s` };
  return {
    ...{ login: late, settings: late, info: late, commands: late, users: late, clock: late },
    ...{ configFile: late, asReplica: late },
  };
}

/** Tries the credentials that one Redis uses as a replica at each of the others. */
async function withLogins(
  { cluster, open }: RedisContext,
  facts: NodeFacts,
  { asReplica }: ReadRedis,
): Promise<NodeFacts> {
  const others = cluster.nodes.filter(({ name }) => name !== facts.name);
  const follows = others.map(async (other) => {
    const login =
      "unknown" in asReplica
        ? asReplica
        : await tryAsReplica(open, other.name, endpointOf(cluster, other, undefined), asReplica.value);
    return { to: other.name, login };
  });
  return { ...facts, follows: await Promise.all(follows) };
}

const reported = (report: HostReport): OfHost => ({
  holder: { value: report.holder },
  keepalived: { value: !report.keepalived ? "not" : report.keepalived_hangs ? "hangs" : "runs" },
  agent: { value: report.agent.is },
  clusterFile:
    report.cluster_file === undefined ? { unknown: "its agent is of another version" } : { value: report.cluster_file },
});

async function askOther(context: DoctorContext, node: Node): Promise<OfHost> {
  const answer = await askHost(context, node, agent_ms);
  if (answer.report) return reported(answer.report);
  const unknown: Unknown = { unknown: `${node.name} told nothing: ${answer.why}` };
  const agent: Fact<"refused" | "hung"> = answer.agent === undefined ? unknown : { value: answer.agent };
  return { holder: unknown, keepalived: unknown, agent, clusterFile: unknown };
}
