import { dirname } from "node:path";
import Handlebars from "handlebars";
import keepalivedConf from "../../keepalived-templates/keepalived.conf.hbs";
import redisConf from "../../keepalived-templates/redis.conf.hbs";
import tmpfilesConf from "../../keepalived-templates/tmpfiles.conf.hbs";
import { Refusal } from "../cluster/errors.ts";
import { priorityOf } from "../cluster/local-node.ts";
import { pathsOf } from "../cluster/paths.ts";
import type { Cluster, Node } from "../cluster/schema.ts";

export type Profile = "hooks" | "agent";

export interface Place {
  cluster: Cluster;
  node: Node;
  profile: Profile;
  /** The folder of the executables. */
  bin: string;
  /** The cluster file, where it isn't at its default place. */
  clusterFile?: string | undefined;
}

/** keepalived.conf of one node. The same for the same input, byte by byte. Throws a Refusal where Keepalived would mangle it. */
export function renderKeepalived({ cluster, node, profile, bin, clusterFile }: Place): string {
  const { vip, monitor } = cluster;
  const version = vip.auth_password === undefined ? 3 : 2;
  const options = clusterFile === undefined ? "" : ` --cluster ${clusterFile}`;
  for (const path of [bin, clusterFile ?? ""]) plainPath(path);
  return render(keepalivedConf, {
    ...{ cluster: cluster.name, node: node.name, count: cluster.nodes.length, profile, agent: profile === "agent" },
    ...{ version, bin, options, state: pathsOf(cluster).state },
    ...{
      interval: wholeSeconds(monitor.interval),
      timeout: wholeSeconds(monitor.interval),
      rise: monitor.rise,
      fall: monitor.fall,
    },
    ...{ interface: node.interface ?? vip.interface, router_id: vip.router_id, priority: priorityOf(cluster, node) },
    ...{ advert: advert(vip.advert_interval, version), unicast: vip.unicast, address: node.address, vip: vip.address },
    ...{ password: vip.auth_password ?? "", peers: peers(cluster, node).map(({ address }) => address) },
  });
}

/** Lines for redis.conf of one node; a node with several peers is told to follow the first. */
export function renderRedis({ cluster, node }: Pick<Place, "cluster" | "node">): string {
  const { port, password_file, persistence } = cluster.redis;
  const peer = peers(cluster, node)[0]?.address ?? "";
  const replica_persists = persistence === "replica";
  return render(redisConf, { node: node.name, peer, port, password_file: password_file ?? "", replica_persists });
}

/** tmpfiles.d(5) lines for the folder of the track files. */
export function renderTmpfiles({ cluster }: Pick<Place, "cluster">): string {
  const { state } = pathsOf(cluster);
  return render(tmpfilesConf, { cluster: cluster.name, state, state_root: dirname(state) });
}

const peers = ({ nodes }: Cluster, { name }: Node): Node[] => nodes.filter((node) => node.name !== name);

// strict: a name that the template misspells is an error. noEscape: the result is no HTML.
const render = (template: string, values: object): string =>
  Handlebars.compile(template, { strict: true, noEscape: true })(values);

// Before 2.3.2 Keepalived reads whole seconds only and takes 1 for anything else (executed on 2.2.7).
function wholeSeconds(seconds: number): number {
  if (Number.isInteger(seconds)) return seconds;
  throw new Refusal(`monitor.interval = ${seconds}: Keepalived before 2.3.2 would silently make 1 of it`, {
    hint: "give whole seconds; for a faster reaction use the agent",
  });
}

function advert(seconds: number, version: number): number {
  if (version === 3) {
    if (Math.abs(seconds * 100 - Math.round(seconds * 100)) < 1e-9) return seconds;
    throw new Refusal(`vip.advert_interval = ${seconds}: VRRPv3 counts hundredths of a second`, {
      hint: "round it to 0.01 s",
    });
  }
  if (Number.isInteger(seconds) && seconds >= 1) return seconds;
  throw new Refusal(
    `vip.advert_interval = ${seconds}: with vip.auth_password it is VRRPv2, which counts whole seconds`,
    {
      hint: "leave vip.auth_password out (VRRPv3 has no passwords), or give whole seconds",
    },
  );
}

// keepalived.conf has no reliable quoting inside a quoted command, and takes ! and # for comments.
function plainPath(path: string): void {
  if (/^[\w@%+=:,./-]*$/.test(path)) return;
  throw new Refusal(`keepalived.conf can't hold the path ${JSON.stringify(path)}`, {
    hint: "use letters, digits and . _ - + @ % = : , only: --bin-dir and --cluster name other places",
  });
}
