import { join, resolve } from "node:path";
import { UsageError } from "../../cluster/errors.ts";
import { parseCluster } from "../../cluster/load.ts";
import { localNode } from "../../cluster/local-node.ts";
import type { Cluster, Node } from "../../cluster/schema.ts";
import { mainConf } from "../../keepalived/folder-problem.ts";
import { renderCluster } from "../../keepalived/render.ts";
import type { Profile } from "../../keepalived/template.ts";
import { readIfPresent } from "../../system/read-file.ts";
import { type Answers, chosenServer, givenNodes, withPrefix } from "./answers.ts";
import { type Ask, allAnswers } from "./ask.ts";
import type { FoundServer, Host } from "./find-host.ts";
import { decode } from "./join-line.ts";

/** The options that say what the cluster is. */
export interface ClusterFlags {
  name: string | undefined;
  vip: string | undefined;
  interface: string | undefined;
  "router-id": string | undefined;
  nodes: readonly string[];
  port: number | undefined;
  "no-password": boolean;
  "redis-unit": string | undefined;
  join: string | undefined;
  profile: Profile | undefined;
  yes: boolean;
  root: string;
}

export interface Described {
  clusterText: string;
  cluster: Cluster;
  node: Node;
  profile: Profile;
  server: FoundServer | undefined;
  /** There was no cluster file, and no `--join`. */
  begins: boolean;
}

const defaultUnit = "redis";

/** The cluster file and this node in it: as it is there already, as the first node sent it (`--join`), or from the answers. */
export async function describeNode(path: string, flags: ClusterFlags, host: Host, ask: Ask): Promise<Described> {
  const present = readIfPresent(join(flags.root, path));
  const invitation = flags.join === undefined ? undefined : decode(flags.join);
  if (invitation && present !== undefined && present !== invitation.clusterText)
    throw new UsageError(`${path} is there, and differs from the cluster file of the first node`, {
      remedy: "copy it from there, or move this one away; then run this again",
    });
  const server = chosenServer(host.servers, flags.port);
  const clusterText = invitation?.clusterText ?? present ?? (await newCluster(path, flags, host, server, ask));
  const cluster = parseCluster(clusterText, path);
  if (present !== undefined && !invitation) refuseOthers(path, flags, cluster);
  const addresses = host.interfaces.map(({ address }) => address);
  const node = flags.root === "/" ? localNode(cluster, undefined) : imageNode(cluster, addresses);
  const profile = flags.profile ?? invitation?.profile ?? presentProfile(flags.root, cluster.name) ?? "agent";
  const begins = present === undefined && invitation === undefined;
  return { clusterText, cluster, node, profile, server: chosenServer(host.servers, cluster.redis.port), begins };
}

/** Below another root nothing tells which node it will be: the first one, unless it is this host. */
const imageNode = (cluster: Cluster, addresses: string[]): Node =>
  cluster.nodes.find(({ address }) => addresses.includes(address)) ?? (cluster.nodes[0] as Node);

/** Of the file that init or generate-config has written here before. */
const presentProfile = (root: string, name: string): Profile | undefined =>
  [`/etc/keepalived/${name}.conf`, mainConf]
    .map((file) => /^# .*, profile (hooks|agent)\.$/m.exec(readIfPresent(join(root, file)) ?? "")?.[1])
    .find((one) => one !== undefined) as Profile | undefined;

/** A file that is there is not written again, so options that say something else would be lost without a word. */
function refuseOthers(path: string, flags: ClusterFlags, { name, vip, nodes }: Cluster): void {
  const said: [string, string | undefined, string][] = [
    ["--name", flags.name, name],
    ["--vip", flags.vip?.split("/")[0], vip.address.split("/")[0] ?? ""],
    ["--interface", flags.interface, vip.interface],
    ["--router-id", flags["router-id"], String(vip.router_id)],
    ...flags.nodes.map((one): [string, string, string] => [
      "--node",
      one,
      nodes.map((node) => `${node.name}=${node.address}`).find((known) => known === one) ?? "another",
    ]),
  ];
  const other = said.find(([, given, known]) => given !== undefined && given !== known);
  if (!other) return;
  const [flag, given, known] = other;
  throw new UsageError(`${flag} ${given}: ${path} is there already and has ${known}`, {
    remedy: "edit that file, and run init without this option on each node",
  });
}

async function newCluster(path: string, flags: ClusterFlags, host: Host, server: FoundServer | undefined, ask: Ask) {
  const { more, ...named } = givenNodes(flags.nodes, host);
  const given: Partial<Answers> = { ...named };
  for (const key of ["name", "vip", "interface"] as const) if (flags[key] !== undefined) given[key] = flags[key];
  if (flags["router-id"] !== undefined) given.routerId = flags["router-id"];
  // Below another root two given nodes are enough: this host is none of them.
  if (flags.nodes.length > 1 && given.here === undefined) [given.here, given.peer] = flags.nodes as [string, string];
  const answers = await allAnswers(given, host, flags.yes, ask);
  const order = flags.nodes.length > 1 ? flags.nodes : [answers.here, answers.peer, ...more];
  // Debian's redis-server and valkey-server have these names, too.
  const unit = flags["redis-unit"] ?? server?.unit ?? server?.server ?? defaultUnit;
  return renderCluster({
    name: answers.name,
    vip: withPrefix(answers.vip, answers.interface, host),
    interface: answers.interface,
    routerId: answers.routerId,
    port: server?.port ?? flags.port ?? 6379,
    passwordFile: flags["no-password"] ? undefined : resolve(path, "..", "password"),
    nodes: order.map(nodeOf),
    startRedis: unit === defaultUnit ? undefined : ["systemctl", "start", unit],
  });
}

function nodeOf(text: string): { name: string; address: string } {
  const [, name, address] = /^([^=]+)=(.+)$/.exec(text.trim()) ?? [];
  if (name !== undefined && address !== undefined) return { name, address };
  throw new UsageError(`--node ${text}: it is NAME=ADDRESS, such as server12=192.168.1.113`);
}
