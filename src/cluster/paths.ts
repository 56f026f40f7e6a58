import { join } from "node:path";
import type { Cluster } from "./schema.ts";

/** The files of a cluster on this host. */
export interface Paths {
  /** Folder of files that are valid until the next boot. */
  state: string;
  /** Locked by flock(1): one transition at a time. */
  lock: string;
  /** One empty file for each transition that Keepalived asked for. Its name has the time. */
  transitionMarks: string;
  /** The monitor's last verdict. */
  verdict: string;
  /** Track files: see keepalived.conf(5), track_file. */
  agentHealth: string;
  claim: string;
  drain: string;
  /** It is there if the log says that Keepalived does not watch the state folder. */
  notWatched: string;
  /** The addresses that Redis listened on before clients were blocked. */
  blockedClients: string;
  fifo: string;
  /** The agent's heartbeat, and the lock that it holds while it runs. */
  heartbeat: string;
  agentLock: string;
  maintenance: string;
  /** It is there if this node has resigned. The other one names the nodes that had resigned before this one's promotion. */
  resigned: string;
  promotion: string;
  /** Folder of files that must survive a reboot. */
  data: string;
  /** The newest data that this node has seen served. */
  served: string;
  quarantine: string;
  log: string;
}

/** Where a package puts the executables. They start with the Node beside them; others start with the one that PATH finds. */
export const packageFolder = "/usr/lib/keepalived-redis";

export const defaultCluster = "/etc/keepalived-redis/cluster.toml";

/** The password file that init writes, and that the unit of the package has as a credential. */
export const defaultPasswordFile = "/etc/keepalived-redis/password";

/** Where `paths` points to by default. */
export const defaultFolders = ["/run/keepalived-redis", "/var/lib/keepalived-redis", "/var/log/keepalived-redis"];

/** The cluster file if no option names one. */
export const clusterFile = (): string => process.env.KEEPALIVED_REDIS_CLUSTER || defaultCluster;

export function pathsOf({ name, paths }: Cluster): Paths {
  const state = join(paths.state, name);
  const data = join(paths.data, name);
  return {
    state,
    lock: join(state, "lock"),
    transitionMarks: join(state, "transitions"),
    verdict: join(state, "verdict.json"),
    agentHealth: join(state, "agent-health"),
    claim: join(state, "claim"),
    drain: join(state, "drain"),
    notWatched: join(state, "not-watched"),
    blockedClients: join(state, "blocked-clients"),
    fifo: join(state, "notify.fifo"),
    heartbeat: join(state, "heartbeat"),
    agentLock: join(state, "agent.lock"),
    maintenance: join(state, "maintenance"),
    resigned: join(state, "resigned"),
    promotion: join(state, "promotion.json"),
    data,
    served: join(data, "served.json"),
    quarantine: join(data, "quarantine"),
    log: join(paths.log, `${name}.log`),
  };
}
