import { redisProgram } from "../../programs.ts";
import type { Port } from "../machine/network.ts";
import { clusterName, vip } from "./cluster-file.ts";

/** Folder of the plain hooks notify-master, notify-backup, notify-fault, notify-stop, and of the check `monitor`. */
export const plainHooks = "/opt/plain";

/**
 * A keepalived.conf like that of generate-config, written by hand, for tests of the lab itself: they must not fail because of the
 * product.
 */
export function plainKeepalivedConf(node: Port, nodes: readonly Port[]): string {
  const peers = nodes.filter(({ name }) => name !== node.name).map(({ address }) => `        ${address}`);
  const priority = 250 - nodes.findIndex(({ name }) => name === node.name);
  const notify = ["master", "backup", "fault", "stop"].map((name) => `    notify_${name} ${plainHooks}/notify-${name}`);
  return `global_defs {
    enable_script_security
    script_user root
    umask 022
    vrrp_version 3
    vrrp_higher_prio_send_advert true
}

track_file drain {
    file /run/keepalived-redis/${clusterName}/drain
    weight 0
}

vrrp_script monitor {
    script "/usr/bin/env ${plainHooks}/monitor"
    interval 1
    timeout 1
    fall 1
    rise 1
}

vrrp_instance ${clusterName} {
    state BACKUP
    nopreempt
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 0.2
    unicast_src_ip ${node.address}
    unicast_peer {
${peers.join("\n")}
    }
    virtual_ipaddress {
        ${vip}/24 dev eth0
    }
    track_file {
        drain
    }
    track_script {
        monitor
    }
${notify.join("\n")}
}
`;
}

const redisCli = `${redisProgram("cli")} -s /run/redis/redis.sock`;
const hook = (transition: string, work = "") => `#!/bin/sh
export REDISCLI_AUTH="$(cat /etc/keepalived-redis/password)"
mkdir -p /var/log/keepalived-redis
echo "{\\"timestamp\\":\\"$(date -u +%FT%T.%3NZ)\\",\\"executable\\":\\"notify-${transition.toLowerCase()}\\",\\"transition\\":\\"${transition}\\",\\"id\\":\\"$$\\",\\"result\\":\\"done\\"}" \\
  >>/var/log/keepalived-redis/${clusterName}.log
${work}
`;

/** Minimal hooks that make Redis follow Keepalived, only to test the lab. */
export const plainHookFiles: Record<string, string> = {
  "notify-master": hook("MASTER", `${redisCli} replicaof no one`),
  "notify-backup": hook("BACKUP"),
  "notify-fault": hook("FAULT"),
  "notify-stop": hook("STOP"),
  monitor: `#!/bin/sh
export REDISCLI_AUTH="$(cat /etc/keepalived-redis/password)"
[ "$(timeout 0.5 ${redisCli} ping)" = PONG ]
`,
};
