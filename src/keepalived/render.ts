import { dirname } from "node:path";
import agentService from "../../keepalived-templates/agent.service.hbs";
import clusterToml from "../../keepalived-templates/cluster.toml.hbs";
import keepalivedConf from "../../keepalived-templates/keepalived.conf.hbs";
import keepalivedService from "../../keepalived-templates/keepalived.service.conf.hbs";
import logrotateConf from "../../keepalived-templates/logrotate.conf.hbs";
import sysusersConf from "../../keepalived-templates/sysusers.conf.hbs";
import tmpfilesConf from "../../keepalived-templates/tmpfiles.conf.hbs";
import { peersOf, priorityOf } from "../cluster/local-node.ts";
import { defaultCluster, defaultFolders, defaultPasswordFile, packageFolder, pathsOf } from "../cluster/paths.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import { checkTimes } from "../decide/check-times.ts";
import { acl, redis, sentinel } from "./redis-files.ts";
import { fill, type RenderInput } from "./template.ts";

function keepalived(input: RenderInput): string {
  const { cluster, node, profile, bin } = input;
  const { vip, monitor } = cluster;
  const check = checkTimes(monitor.interval, profile);
  return fill(keepalivedConf, {
    cluster: cluster.name,
    node: node.name,
    count: cluster.nodes.length,
    profile,
    agent: profile === "agent",
    version: vip.auth_password === undefined ? 3 : 2,
    state: pathsOf(cluster).state,
    state_root: dirname(pathsOf(cluster).state),
    bin,
    // The first line of the package's executables names their Node. That of the others is `env node`, which takes 2 ms more than `node`.
    start: bin === packageFolder ? "" : "node ",
    options: clusterOption(input),
    ...check,
    fraction: !Number.isInteger(check.interval),
    rise: monitor.rise,
    // With an agent a single check that times out on a busy host must not move the virtual IP: the verdict is in the track file.
    fall: profile === "agent" ? Math.max(2, monitor.fall) : monitor.fall,
    interface: interfaceOf(cluster, node),
    router_id: vip.router_id,
    priority: priorityOf(cluster, node),
    advert: vip.advert_interval,
    unicast: vip.unicast,
    address: node.address,
    // Multicast over IPv6 is sent from a link-local address (RFC 5798, 5.1.2.1), which Keepalived finds by itself.
    mcast_src_ip: !node.address.includes(":"),
    peers: peersOf(cluster, node).map(({ address }) => address),
    password: vip.auth_password ?? "",
    vip: vip.address,
    ipv6: vip.address.includes(":"),
  });
}

/** tmpfiles.d(5): the folder of the track files. */
function tmpfiles({ cluster, profile }: RenderInput): string {
  const { state, data, log } = pathsOf(cluster);
  const roots = { state_root: dirname(state), data_root: dirname(data), log_root: dirname(log) };
  return fill(tmpfilesConf, {
    cluster: cluster.name,
    agent: profile === "agent",
    state,
    data,
    log_file: log,
    ...roots,
  });
}

/** sysusers.d(5): the user of the agent. */
const sysusers = (): string => fill(sysusersConf, {});

/** A drop-in for Keepalived's own unit, see systemd.unit(5). */
const systemd = (input: RenderInput): string =>
  fill(keepalivedService, { cluster: input.cluster.name, bin: input.bin, options: clusterOption(input) });

/** The unit of the agent, see systemd.service(5) and systemd.exec(5). */
const agent = (input: RenderInput): string =>
  fill(agentService, {
    packaged: false,
    cluster: input.cluster.name,
    file: input.clusterFile ?? defaultCluster,
    tmpfiles: `/etc/tmpfiles.d/keepalived-redis-${input.cluster.name}.conf`,
    bin: input.bin,
    options: clusterOption(input),
    password_file: input.cluster.redis.password_file ?? defaultPasswordFile,
    folders: agentFolders(input.cluster).join(" "),
  });

/** Those that the agent writes in. */
const agentFolders = (cluster: Cluster): string[] => {
  const { state, data, log } = pathsOf(cluster);
  return [state, data, log].map((path) => dirname(path));
};

/** Whether the unit of the package (scripts/package/stage.ts), which knows no cluster, runs the agent of this node as it should. */
export const fitsPackagedUnit = ({ cluster, bin, clusterFile }: RenderInput): boolean =>
  bin === packageFolder &&
  clusterFile === undefined &&
  (cluster.redis.password_file ?? defaultPasswordFile) === defaultPasswordFile &&
  String(agentFolders(cluster)) === String(defaultFolders);

const logrotate = ({ cluster }: RenderInput): string =>
  fill(logrotateConf, { cluster: cluster.name, log_file: pathsOf(cluster).log });

const clusterOption = ({ clusterFile }: RenderInput): string =>
  clusterFile === undefined ? "" : ` --cluster ${clusterFile}`;

/** What a new cluster file is written from. */
export interface NewCluster {
  name: string;
  vip: string;
  interface: string;
  routerId: string;
  port: number;
  passwordFile: string | undefined;
  nodes: readonly { name: string; address: string }[];
  /** If it is not the default. */
  startRedis: readonly string[] | undefined;
}

export const renderCluster = ({ routerId, passwordFile, startRedis, ...others }: NewCluster): string =>
  fill(clusterToml, {
    ...others,
    router_id: routerId,
    password_file: passwordFile ?? "",
    start_redis: startRedis === undefined ? "" : JSON.stringify(startRedis),
  });

export const interfaceOf = ({ vip }: Cluster, node: Node): string => node.interface ?? vip.interface;

/** The generated files of a host. The same input gives the same output, byte for byte. */
export const render = {
  keepalived,
  redis,
  tmpfiles,
  systemd,
  logrotate,
  acl,
  sentinel,
  sysusers,
  "agent-service": agent,
};
export type File = keyof typeof render;
