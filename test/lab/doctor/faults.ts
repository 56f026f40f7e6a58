import { redisProgram } from "../../programs.ts";
import type { Lab } from "../lab.ts";
import { sleep } from "../machine/process.ts";
import { passwordPath } from "../server/cluster-file.ts";
import { logrotatePath, tmpfilesPath } from "../server/good-pair.ts";
import { binFolder, type Server } from "../server/server.ts";

const redisCli = redisProgram("cli");

const redisConf = "/etc/redis/redis.conf";
const keepalivedConf = "/etc/keepalived/keepalived.conf";
const clusterFile = "/etc/keepalived-redis/cluster.toml";
const link = "/run/systemd/netif/links";
const aptConf = "/etc/apt/apt.conf.d";
const data = "/var/lib/keepalived-redis/sessions";
const fifo = "/run/keepalived-redis/sessions/notify.fifo";

export interface Fault {
  check: string;
  severity?: "advice";
  /** What it is to say, and the line to change. */
  what: RegExp;
  line: string | RegExp;
  /** A folder of programs that come before those of the host. */
  programs?: string;
  plant(lab: Lab): Promise<unknown>;
  repair(lab: Lab): Promise<unknown>;
}

const sh = (server: Server, script: string) => server.must(["sh", "-c", script]);

/** A setting of one Redis, and the one that is right. */
const setting = (on: "server11" | "server12", name: string, wrong: string, right: string) => ({
  plant: (lab: Lab) => lab[on].redis("CONFIG", "SET", name, wrong),
  repair: (lab: Lab) => lab[on].redis("CONFIG", "SET", name, right),
});

/** A file of this host with something else in it, by a script that is given it as `$f`. */
const changed = (path: string, script: string) => ({
  plant: ({ server11 }: Lab) => sh(server11, `f=${path}; cp -p $f /root/kept && ${script}`),
  repair: ({ server11 }: Lab) => sh(server11, `cp -p /root/kept ${path}`),
});

/** A program in a folder that comes before those of the host, in place of one that the lab's machine may lack. */
const program = (name: string, script: string, more = "true", repair = "true") => ({
  programs: "/opt/others",
  plant: async ({ server11 }: Lab) => {
    server11.disk.write(`/opt/others/${name}`, `#!/bin/sh\n${script}\n`, 0o755);
    await sh(server11, more);
  },
  repair: ({ server11 }: Lab) => sh(server11, `rm -r /opt/others && ${repair}`),
});

let writing: { stop(): Promise<void> } | undefined;

/** Writes 20 kB again and again, as clients would. */
function writeALot(server: Server): { stop(): Promise<void> } {
  let stopped = false;
  const value = "x".repeat(20_000);
  const done = (async () => {
    while (!stopped) await server.redis("SET", "written", value);
  })();
  return {
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

/** Each is planted by `doctor.test.ts`; docs/doctor.md lists them. */
export const faults: readonly Fault[] = [
  {
    check: "password",
    what: /server12 rejects our login \(WRONGPASS\)/,
    line: /^requirepass THE-PASSWORD/,
    plant: ({ server12 }) => server12.redis("ACL", "SETUSER", "default", "resetpass", ">another"),
    repair: ({ server12, password }) =>
      sh(server12, `${redisCli} -a another ACL SETUSER default resetpass '>${password}'`),
  },
  {
    check: "masterauth",
    what: /server12 rejects the masterauth of server11 \(WRONGPASS\)/,
    line: /^masterauth THE-PASSWORD/,
    plant: ({ server11 }) => server11.redis("CONFIG", "SET", "masterauth", "another"),
    repair: ({ server11, password }) => server11.redis("CONFIG", "SET", "masterauth", password ?? ""),
  },
  {
    check: "bind",
    what: /listens on 192.0.2.11 127.0.0.1 only/,
    line: "bind * -::*",
    ...setting("server11", "bind", "192.0.2.11 127.0.0.1", "0.0.0.0"),
  },
  {
    check: "protected-mode",
    what: /server12 has no password and is in protected mode/,
    line: "requirepass THE-PASSWORD",
    plant: async ({ server12 }) => {
      await server12.redis("CONFIG", "SET", "protected-mode", "yes");
      await server12.redis("CONFIG", "SET", "requirepass", "");
    },
    repair: ({ server12, password }) =>
      sh(server12, `${redisCli} CONFIG SET protected-mode no && ${redisCli} CONFIG SET requirepass ${password}`),
  },
  {
    check: "commands",
    what: /server12 denies CLIENT PAUSE/,
    line: /CLIENT\|PAUSE$/i,
    plant: ({ server12 }) => server12.redis("ACL", "SETUSER", "default", "-client|pause"),
    repair: ({ server12 }) => server12.redis("ACL", "SETUSER", "default", "+@all"),
  },
  {
    check: "acl-users",
    what: /server12 has no user shop/,
    line: /^ACL SETUSER shop/,
    plant: ({ server11 }) => server11.redis("ACL", "SETUSER", "shop", "on", ">secret-of-shop", "~*", "+@all"),
    repair: ({ server11 }) => server11.redis("ACL", "DELUSER", "shop"),
  },
  {
    check: "replicaof",
    what: /redis.conf has no replicaof line/,
    line: "replicaof 127.0.0.1 1",
    ...changed(redisConf, "sed -i /^replicaof/d $f"),
  },
  {
    check: "replicaof",
    what: /says replicaof 192.0.2.12 6379/,
    line: "replicaof 127.0.0.1 1",
    ...changed(redisConf, "echo replicaof 192.0.2.12 6379 >> $f"),
  },
  {
    check: "read-only",
    what: /server12 accepts writes while it is a replica/,
    line: "replica-read-only yes",
    ...setting("server12", "replica-read-only", "no", "yes"),
  },
  {
    check: "replica-priority",
    severity: "advice",
    what: /server12 has replica-priority 0/,
    line: "replica-priority 100",
    ...setting("server12", "replica-priority", "0", "100"),
  },
  {
    check: "announce-ip",
    what: /announces itself as 192.0.2.99, the cluster file says 192.0.2.11/,
    line: "replica-announce-ip 192.0.2.11",
    ...setting("server11", "replica-announce-ip", "192.0.2.99", ""),
  },
  {
    check: "backlog-size",
    severity: "advice",
    what: /the backlog of server11 holds 65536 bytes/,
    line: "repl-backlog-size 64mb",
    ...setting("server11", "repl-backlog-size", "65536", "64mb"),
  },
  {
    check: "backlog-ttl",
    what: /frees its backlog 3600 s/,
    line: "repl-backlog-ttl 0",
    ...setting("server11", "repl-backlog-ttl", "3600", "0"),
  },
  {
    check: "diskless-delay",
    severity: "advice",
    what: /server12 waits 5 s/,
    line: "repl-diskless-sync-delay 0",
    ...setting("server12", "repl-diskless-sync-delay", "5", "0"),
  },
  {
    check: "maxmemory",
    what: /maxmemory is 0 on server11 and 104857600 on server12/,
    line: "maxmemory 0",
    ...setting("server12", "maxmemory", "100mb", "0"),
  },
  {
    check: "keepalived-runs",
    what: /Keepalived does not run on server12/,
    line: "systemctl enable --now keepalived",
    plant: ({ server12 }) => server12.stopKeepalived(),
    repair: ({ server12 }) => server12.startKeepalived(),
  },
  {
    check: "keepalived-runs",
    what: /Keepalived of server12 hangs/,
    line: "systemctl restart keepalived",
    plant: ({ server12 }) => server12.hangKeepalived(),
    repair: ({ server12 }) => server12.resumeKeepalived(),
  },
  {
    check: "agent-runs",
    what: /the agent on server12 does not run/,
    line: "systemctl restart keepalived-redis-agent",
    // Its health checks begin when its heartbeat is old.
    plant: ({ server12 }) => server12.stopAgent().then(() => sleep(3000)),
    repair: ({ server12 }) => server12.startAgent(),
  },
  {
    check: "cluster-file",
    what: /the cluster file on server12 says something else than that on server11/,
    line: /^scp \/etc\/keepalived-redis\/cluster.toml server12:/,
    ...changed(clusterFile, "printf '[failover]\\nmax_missing_seconds = 3\\n' >> $f"),
  },
  {
    check: "keepalived-conf",
    what: /keepalived.conf, line \d+: "nopreemptive" instead of "nopreempt"/,
    line: `generate-config --profile agent --output ${keepalivedConf} && systemctl reload keepalived`,
    ...changed(keepalivedConf, "sed -i 's/^ *nopreempt$/    nopreemptive/' $f"),
  },
  {
    check: "scripts",
    what: /notify-stop is writable by users other than root/,
    line: "chmod go-w /opt/keepalived-redis/notify-stop",
    plant: ({ server11 }) => sh(server11, "chmod 777 /opt/keepalived-redis/notify-stop"),
    repair: ({ server11 }) => sh(server11, "chmod 755 /opt/keepalived-redis/notify-stop"),
  },
  {
    check: "scripts",
    what: /notify-stop is not executable/,
    line: "chmod 755 /opt/keepalived-redis/notify-stop",
    plant: ({ server11 }) => sh(server11, "chmod 644 /opt/keepalived-redis/notify-stop"),
    repair: ({ server11 }) => sh(server11, "chmod 755 /opt/keepalived-redis/notify-stop"),
  },
  {
    check: "state-folder",
    what: /no file of tmpfiles.d makes \/run\/keepalived-redis\/sessions/,
    line: `generate-config --profile agent --tmpfiles --output ${tmpfilesPath}`,
    ...changed(tmpfilesPath, "rm $f"),
  },
  {
    check: "log-rotation",
    severity: "advice",
    what: /no file of \/etc\/logrotate.d names/,
    line: `generate-config --logrotate --output ${logrotatePath}`,
    ...changed(logrotatePath, "rm $f"),
  },
  {
    check: "networkd",
    what: /systemd-networkd manages eth0 by \/etc\/systemd\/network\/10-lan.network/,
    line: "KeepConfiguration=static",
    plant: ({ server11 }) =>
      sh(
        server11,
        `mkdir -p ${link} && echo NETWORK_FILE=/etc/systemd/network/10-lan.network > ${link}/$(awk '$2 == "eth0" { print $1 }' /proc/net/igmp)`,
      ),
    repair: ({ server11 }) => sh(server11, `rm -r ${link}`),
  },
  {
    check: "restarts",
    severity: "advice",
    what: /needrestart restarts Keepalived/,
    line: "$nrconf{override_rc}{qr(^keepalived)} = 0;",
    plant: ({ server11 }) => sh(server11, "mkdir -p /etc/needrestart && touch /etc/needrestart/needrestart.conf"),
    repair: ({ server11 }) => sh(server11, "rm -r /etc/needrestart"),
  },
  {
    check: "masterauth",
    what: /server12 rejects the masterauth of server11 \(NOAUTH\)/,
    line: /^masterauth THE-PASSWORD/,
    plant: ({ server11 }) => server11.redis("CONFIG", "SET", "masterauth", ""),
    repair: ({ server11, password }) => server11.redis("CONFIG", "SET", "masterauth", password ?? ""),
  },
  {
    check: "acl-users",
    what: /the user default differs between server11 and server12/,
    line: /^ACL SETUSER default/,
    plant: ({ server12 }) => server12.redis("ACL", "SETUSER", "default", "-debug"),
    repair: ({ server12 }) => server12.redis("ACL", "SETUSER", "default", "+@all"),
  },
  {
    check: "maxmemory",
    what: /maxmemory-policy is noeviction on server11 and allkeys-lru on server12/,
    line: "maxmemory-policy noeviction",
    ...setting("server12", "maxmemory-policy", "allkeys-lru", "noeviction"),
  },
  {
    check: "lazy-free",
    severity: "advice",
    what: /server11 has lazyfree-lazy-user-del no/,
    line: "lazyfree-lazy-user-del yes",
    ...setting("server11", "lazyfree-lazy-user-del", "no", "yes"),
  },
  {
    check: "output-buffer",
    what: /clients write \d+ bytes while server11 is copied/,
    line: /^client-output-buffer-limit replica \d+mb \d+mb 0$/,
    plant: async ({ server11 }) => {
      await server11.redis("CONFIG", "SET", "repl-backlog-size", "16384");
      await server11.redis("CONFIG", "SET", "client-output-buffer-limit", "replica 1mb 1mb 60");
      writing = writeALot(server11);
    },
    repair: async ({ server11 }) => {
      await writing?.stop();
      await server11.redis("CONFIG", "SET", "client-output-buffer-limit", "replica 256mb 64mb 60");
      await server11.redis("CONFIG", "SET", "repl-backlog-size", "64mb");
    },
  },
  {
    check: "agent-runs",
    what: /the agent on server12 hangs/,
    line: "systemctl restart keepalived-redis-agent",
    plant: ({ server12 }) => server12.hangAgent(),
    repair: ({ server12 }) => server12.resumeAgent(),
  },
  {
    check: "keepalived-conf",
    what: /no file of Keepalived was generated for sessions/,
    line: `generate-config --profile hooks --output ${keepalivedConf} && systemctl reload keepalived`,
    ...changed(keepalivedConf, "rm $f"),
  },
  {
    check: "scripts",
    what: /notify-fault does not exist/,
    line: "ls -ld /opt/keepalived-redis/notify-fault",
    ...changed(`${binFolder}/notify-fault`, "rm $f"),
  },
  {
    check: "password-file",
    severity: "advice",
    what: /users other than its owner can read \/etc\/keepalived-redis\/password/,
    line: `chmod 600 ${passwordPath}`,
    ...changed(passwordPath, "chmod 644 $f"),
  },
  {
    check: "witnesses",
    what: /the witness 192.0.2.77:1 does not answer server11/,
    line: 'failover.witnesses without "192.0.2.77:1"',
    ...changed(clusterFile, `printf '[failover]\\nwitnesses = ["192.0.2.77:1"]\\n' >> $f`),
  },
  {
    check: "prediction",
    severity: "advice",
    what: /a host that is cut off is replaced after 9.\d+ s/,
    line: "vip.advert_interval = 0.2",
    ...changed(clusterFile, "sed -i 's/^router_id = 51/&\\nadvert_interval = 3/' $f"),
  },
  {
    check: "restarts",
    severity: "advice",
    what: /unattended-upgrades upgrades Keepalived/,
    line: 'Unattended-Upgrade::Package-Blacklist { "^keepalived$"; };',
    plant: ({ server11 }) =>
      sh(server11, `mkdir -p ${aptConf} && echo 'APT::Periodic::Unattended-Upgrade "1";' > ${aptConf}/20auto-upgrades`),
    repair: ({ server11 }) => sh(server11, `rm -r ${aptConf}`),
  },
  {
    check: "keepalived-version",
    what: /this is Keepalived 2.1.5/,
    line: "apt install --only-upgrade keepalived",
    programs: "/opt/older",
    plant: ({ server11 }) =>
      sh(
        server11,
        "mkdir -p /opt/older && printf '#!/bin/sh\\necho Keepalived v2.1.5\\n' > /opt/older/keepalived && chmod 755 /opt/older/keepalived",
      ),
    repair: ({ server11 }) => sh(server11, "rm -r /opt/older"),
  },
  {
    check: "router-id",
    what: /192.0.2.50 sends VRRP adverts with router_id 51 on eth0/,
    line: "router_id = 1",
    ...program(
      "tcpdump",
      "echo listening on eth0 >&2; echo 'IP 192.0.2.50 > 224.0.0.18: VRRPv3, Advertisement, vrid 51, prio 100, intvl 100cs, length 12'; exec sleep 9",
    ),
  },
  {
    check: "vrrp",
    what: /the firewall of server11 drops what no rule accepts/,
    line: "nft insert rule inet filter input ip protocol vrrp accept",
    ...program("nft", "echo '  type filter hook input priority filter; policy drop;'; echo '  tcp dport 6379 accept'"),
  },
  {
    check: "arp",
    what: /02:00:00:00:00:99 answers for 192.0.2.120, and is none of the nodes/,
    line: "ip neigh show | grep -i 02:00:00:00:00:99",
    ...program("arping", "echo 'Unicast reply from 192.0.2.120 [02:00:00:00:00:99]  0.5ms'; exit 1"),
  },
  {
    check: "arp",
    what: /server12 answers for 192.0.2.120, which server11 has/,
    line: /^ip neigh show \| grep -i [0-9a-f:]{17}$/,
    ...program(
      "arping",
      `mac=$(ip neigh show dev eth0 | sed -n 's/^192.0.2.12 .*lladdr \\([^ ]*\\).*/\\1/p'); echo "Unicast reply from 192.0.2.120 [$mac]  0.5ms"`,
    ),
  },
  {
    check: "keepalived-read",
    severity: "advice",
    what: /keepalived.conf was written \d+ s after Keepalived had read its configuration/,
    line: "systemctl reload keepalived",
    ...changed(keepalivedConf, "echo '# another comment' >> $f"),
  },
  {
    check: "keepalived-read",
    what: /Keepalived refused \/etc\/keepalived\/keepalived.conf at its last reload/,
    line: "cat /run/keepalived-redis/sessions/reload-check.log",
    plant: async ({ server11 }) => {
      await sh(server11, `cp -p ${keepalivedConf} /root/kept && sed -i 's/nopreempt$/nopreemptive/' ${keepalivedConf}`);
      await server11.reloadKeepalived();
      await sh(server11, "sleep 2");
    },
    repair: async ({ server11 }) => {
      await sh(server11, `cp -p /root/kept ${keepalivedConf}`);
      await server11.reloadKeepalived();
      await sh(server11, "sleep 2");
    },
  },
  {
    check: "redis-runs",
    what: /the Redis of server12 does not answer/,
    line: "recover-master",
    plant: ({ server12 }) => server12.stopRedis(),
    repair: ({ server12 }) => server12.startRedis(),
  },
  {
    check: "networkmanager",
    severity: "advice",
    what: /NetworkManager manages eth0/,
    line: "switchover --away",
    ...program("nmcli", "echo GENERAL.NM-MANAGED:yes", "mkdir /run/NetworkManager", "rm -r /run/NetworkManager"),
  },
  {
    check: "selinux",
    what: /SELinux has denied Keepalived 1 times, last: execute of node to sh/,
    line: /^ausearch -m avc/,
    plant: ({ server11 }) => {
      server11.disk.write("/sys/fs/selinux/enforce", "1");
      server11.disk.write(
        "/var/log/audit/audit.log",
        'type=AVC msg=audit(1.1:7): avc:  denied  { execute } for  pid=7 comm="sh" name="node" scontext=system_u:system_r:keepalived_t:s0 tclass=file\n',
      );
      return Promise.resolve();
    },
    repair: ({ server11 }) => sh(server11, "rm -r /sys/fs /var/log/audit"),
  },
  {
    check: "disk-space",
    what: /\d+ bytes are free in \/var\/lib\/keepalived-redis\/sessions, a dump needs up to \d+/,
    line: "df -h /var/lib/keepalived-redis/sessions",
    plant: async ({ server11 }) => {
      await server11.redis("SET", "large", "x".repeat(1_000_000));
      await sh(server11, `mkdir -p ${data} && mount -t tmpfs -o size=64k none ${data}`);
    },
    repair: async ({ server11 }) => {
      await sh(server11, `umount ${data}`);
      await server11.redis("DEL", "large");
    },
  },
  {
    check: "commands",
    what: /server12 has no command BGSAVE/,
    line: "# remove: rename-command BGSAVE ...",
    plant: async ({ server12 }) => {
      await server12.stopRedis();
      await sh(server12, `cp -p ${redisConf} /root/kept && echo 'rename-command BGSAVE ""' >> ${redisConf}`);
      await server12.startRedis();
    },
    repair: async ({ server12 }) => {
      await server12.stopRedis();
      await sh(server12, `cp -p /root/kept ${redisConf}`);
      await server12.startRedis();
    },
  },
  {
    check: "state-folder",
    what: /notify.fifo in \/run\/keepalived-redis\/sessions is no FIFO/,
    line: /^rm \/run\/keepalived-redis\/sessions\/notify.fifo && systemd-tmpfiles --create/,
    plant: ({ server11 }) => sh(server11, `mv ${fifo} ${fifo}.kept && touch ${fifo}`),
    repair: ({ server11 }) => sh(server11, `mv ${fifo}.kept ${fifo}`),
  },
];
