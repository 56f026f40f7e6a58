import { dirname } from "node:path";
import Handlebars from "handlebars";
import agentService from "../../keepalived-templates/agent.service.hbs";
import keepalivedConf from "../../keepalived-templates/keepalived.conf.hbs";
import keepalivedService from "../../keepalived-templates/keepalived.service.conf.hbs";
import logrotateConf from "../../keepalived-templates/logrotate.conf.hbs";
import redisConf from "../../keepalived-templates/redis.conf.hbs";
import tmpfilesConf from "../../keepalived-templates/tmpfiles.conf.hbs";
import { peersOf, priorityOf } from "../cluster/local-node.ts";
import { pathsOf } from "../cluster/paths.ts";
import type { Cluster, Node } from "../cluster/schema.ts";

export type Profile = "hooks" | "agent";

export interface RenderInput {
  cluster: Cluster;
  node: Node;
  profile: Profile;
  /** The folder of the executables: a path that is plain, see `plainPath`. */
  bin: string;
  /** The cluster file, where it isn't at its default place: a path that is plain. */
  clusterFile: string | undefined;
}

function keepalived(place: RenderInput): string {
  const { cluster, node, profile, bin } = place;
  const { vip, monitor } = cluster;
  return filled(keepalivedConf, {
    cluster: cluster.name,
    node: node.name,
    count: cluster.nodes.length,
    profile,
    agent: profile === "agent",
    version: vip.auth_password === undefined ? 3 : 2,
    state: pathsOf(cluster).state,
    state_root: dirname(pathsOf(cluster).state),
    bin,
    options: options(place),
    // Beside an agent each check finds it alive, and with fifty clusters the start of a process each costs.
    interval: profile === "agent" ? 2 * monitor.interval : monitor.interval,
    rise: monitor.rise,
    // One check that a busy host made too slow to end in time is no reason to move; a verdict comes by the track file.
    fall: profile === "agent" ? Math.max(2, monitor.fall) : monitor.fall,
    interface: interfaceOf(cluster, node),
    router_id: vip.router_id,
    priority: priorityOf(cluster, node),
    advert: vip.advert_interval,
    unicast: vip.unicast,
    address: node.address,
    // Multicast over IPv6 is sent from link-local addresses (RFC 5798, 5.1.2.1), and Keepalived finds its own.
    mcast_src_ip: !node.address.includes(":"),
    peers: peersOf(cluster, node).map(({ address }) => address),
    password: vip.auth_password ?? "",
    vip: vip.address,
  });
}

/** Lines for redis.conf, without the passwords. */
function redis({ cluster, node }: RenderInput): string {
  const { port, username, password_file, persistence, tls } = cluster.redis;
  return filled(redisConf, {
    cluster: cluster.name,
    node: node.name,
    port,
    username: username ?? "",
    password_file: password_file ?? "",
    replica_persists: persistence === "replica",
    tls: tls !== undefined,
    tls_ca: tls?.ca ?? "",
    tls_cert: tls?.cert ?? "",
    tls_key: tls?.key ?? "",
  });
}

/** tmpfiles.d(5): the folder of the track files. */
function tmpfiles({ cluster, profile }: RenderInput): string {
  const { state } = pathsOf(cluster);
  return filled(tmpfilesConf, { cluster: cluster.name, agent: profile === "agent", state, state_root: dirname(state) });
}

/** A drop-in for Keepalived's own unit, see systemd.unit(5). */
const systemd = (place: RenderInput): string =>
  filled(keepalivedService, { cluster: place.cluster.name, bin: place.bin, options: options(place) });

/** The unit of the agent, see systemd.service(5). */
const agent = (place: RenderInput): string =>
  filled(agentService, { cluster: place.cluster.name, bin: place.bin, options: options(place) });

const logrotate = ({ cluster }: RenderInput): string =>
  filled(logrotateConf, { cluster: cluster.name, log_file: pathsOf(cluster).log });

const options = ({ clusterFile }: RenderInput): string =>
  clusterFile === undefined ? "" : ` --cluster ${clusterFile}`;

export const interfaceOf = ({ vip }: Cluster, node: Node): string => node.interface ?? vip.interface;

// strict: a name that the template misspells is an error. noEscape: the result is no HTML.
const filled = (template: string, values: Record<string, unknown>): string =>
  Handlebars.compile(template, { strict: true, noEscape: true })(values);

/** The files that a host needs from us. Each is the same for the same input, byte by byte. */
export const render = { keepalived, redis, tmpfiles, systemd, logrotate, "agent-service": agent };
export type File = keyof typeof render;
