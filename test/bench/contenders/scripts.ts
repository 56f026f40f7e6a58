import { cpSync, existsSync } from "node:fs";
import type { Lab } from "../../lab/lab.ts";
import type { Port } from "../../lab/machine/network.ts";
import { sleep } from "../../lab/machine/process.ts";
import { vip } from "../../lab/server/cluster-file.ts";
import type { Contender } from "./contender.ts";
import { rawClient } from "./raw-client.ts";

/**
 * The bash scripts that are on the net since 2012, written anew from a description of what they do, each with the
 * addresses of its own node: checks every 2 s, a killed Keepalived, and sleeps of 10 and 15 s.
 */

const password = "bench-scripts";
const folder = "/opt/scripts";
const log = "/var/log/keepalived-redis-state.log";
const dump = "/var/lib/redis/dump.rdb";

const conf = (node: Port, nodes: readonly Port[]): string => {
  const first = node.name === nodes[0]?.name;
  const notify = [...(first ? [] : ["master", "backup"]), "fault", "stop"];
  return `global_defs {
    router_id LVS_DEVEL
    script_user root
}
vrrp_script Monitor_redis {
    script "${folder}/monitor"
    interval 2
    weight 2
}
vrrp_instance VI_1 {
    state ${first ? "MASTER" : "BACKUP"}
    interface eth0
    virtual_router_id 51
    mcast_src_ip ${node.address}
    priority ${first ? 100 : 99}
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass password
    }
    track_script {
        Monitor_redis
    }
    virtual_ipaddress {
        ${vip}
    }
${notify.map((name) => `    notify_${name} ${folder}/${name}`).join("\n")}
}
`;
};

const header = `#!/bin/bash
if [ "$(hostname)" = server11 ]; then own=192.0.2.11 peer=192.0.2.12; else own=192.0.2.12 peer=192.0.2.11; fi
cli() { redis-cli -h "$own" -p 6379 -a ${password} "$@"; }
note() { { echo "[$1]"; date; } >>${log}; }
`;

const files: Record<string, string> = {
  [`${folder}/monitor`]: `${header}
[ "$(cli ping 2>/dev/null)" = PONG ] && exit 0
killall -9 keepalived
# What "service network restart" comes to.
ip link set eth0 down
ip addr flush dev eth0
ip addr add "$own/24" dev eth0
ip link set eth0 up
exit 1
`,
  [`${folder}/master`]: `${header}
note master
cli slaveof "$peer" 6379 >>${log} 2>&1
sleep 10
cli slaveof no one >>${log} 2>&1
`,
  [`${folder}/backup`]: `${header}
note backup
sleep 15
cli slaveof "$peer" 6379 >>${log} 2>&1
`,
  [`${folder}/fault`]: `${header}note fault\n`,
  [`${folder}/stop`]: `${header}note stop\n`,
};

/** The recovery script: the replica's last dump, a Redis that starts from it as a master, then Keepalived. */
async function comeBack({ server11, server12 }: Lab): Promise<void> {
  if (existsSync(server12.disk.at(dump))) cpSync(server12.disk.at(dump), server11.disk.at(dump));
  await server11.startRedis();
  if (!server11.keepalivedRuns) await server11.startKeepalived();
}

export const scripts: Contender = {
  name: "scripts",
  what: "bash scripts of 2012 with correct addresses: check every 2 s, advert every second, sleeps of 10 s and 15 s",
  lab: { profile: "plain", redis: { replicaofLine: false, password }, keepalivedConf: conf, files },
  async bringUp(lab) {
    await lab.bringUp();
    // Persistence is on the replica only; every 5 s is more often than a snapshot would be made in earnest.
    await lab.server12.redis("CONFIG", "SET", "save", "5 1");
    // At its start Keepalived says BACKUP; the script sleeps over that, and what it does then would overlap with a failover.
    await sleep(16_000);
  },
  write: rawClient(),
  move: ({ server11 }) => server11.stopKeepalived(),
  comeBack,
  takeOver_s: 30,
  settle_s: 30,
  runs: () => 2,
};
