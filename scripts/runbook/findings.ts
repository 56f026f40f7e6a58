import type { Entry } from "./events.ts";

/** What each check of `doctor` finds. The line to change is printed with the finding. A test holds the names to the list of checks. */
export const doctorEntries: Readonly<Record<string, Entry>> = {
  password: {
    means: "A Redis rejects our password, or has none: hooks and checks can do nothing there.",
    todo: "Make `requirepass` (or the user's password) and the password file the same on all nodes.",
  },
  "redis-runs": {
    means: "A Redis does not answer: there is no failover to its node, and most of that node could not be checked.",
    todo: "`recover-master` there. If it runs: look for a firewall, or a `bind` that leaves the other hosts out.",
  },
  masterauth: {
    means: "After a failover this node can't copy from the new master: there is no replica any more.",
    todo: "Set `masterauth` to the password of the other nodes, in redis.conf and by `CONFIG SET`.",
  },
  bind: {
    means: "Redis does not listen on the virtual IP once that is here: clients are refused after a failover.",
    todo: "`bind * -::*` in redis.conf; a firewall keeps strangers out.",
  },
  "protected-mode": {
    means: "Redis refuses other hosts, so neither replica nor peer gets in.",
    todo: "Set a password, or `protected-mode no` behind a firewall.",
  },
  commands: {
    means: "A command that a failover needs is denied or renamed: the failover stops there.",
    todo: "Take the `rename-command` line out, or give our user the right: [a user of its own](redis.md#a-user-of-its-own).",
  },
  "acl-users": {
    means: "ACL users are not replicated. An application whose user is missing on the new master can't log in.",
    todo: "Copy the ACL file to the other node, then `ACL LOAD` there.",
  },
  "known-bugs": {
    means: "This version of Redis, Valkey or Keepalived has a bug that a failover or a recovery meets.",
    todo: "Upgrade to the version that the finding names, the replica's host first.",
  },
  networkmanager: {
    means: "NetworkManager may remove the virtual IP when it sets the interface up anew.",
    todo: "Make the interface unmanaged, or leave the address alone, as the finding says.",
  },
  selinux: {
    means: "SELinux has denied something to Keepalived or to what it starts: a failover may stop there.",
    todo: "`ausearch -m avc -ts recent` names it; give the right, or label the files.",
  },
  "router-id": {
    means:
      "Somebody else on the interface uses our `router_id`: Keepalived takes their adverts for ours, and the role may move.",
    todo: "Give this cluster a number of its own, on all nodes at once, in maintenance.",
  },
  vrrp: {
    means: "The holder's adverts do not arrive here: this node would take the virtual IP although the holder lives.",
    todo: "Open protocol 112 (VRRP) between the nodes, in both directions.",
  },
  arp: {
    means: "Somebody who is not the holder answers for the virtual IP: some clients talk to the wrong host.",
    todo: "Find the host by the hardware address in the finding, and take the address from it.",
  },
  replicaof: {
    means: "A Redis that starts is a master at once, or overwrites its data at once: this is how all data get lost.",
    todo: "`replicaof 127.0.0.1 1` in redis.conf. Nothing is to be restarted.",
  },
  "read-only": {
    means: "Writes to a replica are on one node only, and no history shows them: they are lost unseen.",
    todo: "`replica-read-only yes`, in redis.conf and by `CONFIG SET`.",
  },
  "replica-priority": {
    means: "Somebody meant: never promote this one. Here that has no effect.",
    todo: "Set it to 100, or take the node out of the cluster file.",
  },
  "announce-ip": {
    means: "The master lists its replica under an address of no node: it does not count as in sync.",
    todo: "Announce the address of the cluster file, or remove the line.",
  },
  maxmemory: {
    means: "After a failover the new master refuses writes that the old one took, or evicts other keys.",
    todo: "The same `maxmemory` and `maxmemory-policy` on all nodes.",
  },
  "lazy-free": {
    means:
      "Deleting one large key can stop Redis for longer than a check waits: it counts as hung, and the role moves.",
    todo: "Turn the option on, in redis.conf and by `CONFIG SET`.",
  },
  "backlog-size": {
    means: "A short interruption already costs a full copy, and diverged writes can't be read after a split.",
    todo: "The size that is printed, in redis.conf and by `CONFIG SET`.",
  },
  "backlog-ttl": {
    means: "A master that is alone for an hour forgets its backlog: its replica then needs a full copy.",
    todo: "`repl-backlog-ttl 0`.",
  },
  "output-buffer": {
    means: "The master ends the copy of its replica half-way, and the copy begins anew for ever.",
    todo: "The limit that is printed, in redis.conf and by `CONFIG SET`.",
  },
  "diskless-delay": {
    means: "Each recovery waits for replicas that there are not.",
    todo: "`repl-diskless-sync-delay 0`.",
  },
  "keepalived-runs": {
    means: "This node can't take over.",
    todo: "`systemctl start keepalived`; `journalctl -u keepalived -n 50` says why it ended.",
  },
  "agent-runs": {
    means:
      "Hooks and monitor do the agent's work, and a failover takes about a second more. If the port of another agent refuses connections, that agent may run: a firewall or the port alone may be wrong.",
    todo: "`systemctl enable --now keepalived-redis-agent`; open the port for the nodes.",
  },
  "cluster-file": {
    means: "The nodes follow different rules. Two nodes may come to different answers who stays master.",
    todo: "Copy the file from the node where it is right; then reload the agents (`systemctl reload keepalived-redis-agent`).",
  },
  "keepalived-conf": {
    means: "Keepalived does something else than the cluster file says, or what was tested.",
    todo: "Run the command that is printed, look at the difference, and reload Keepalived.",
  },
  "keepalived-read": {
    means: "Keepalived runs by an older keepalived.conf than the one that is there, or refused that one.",
    todo: "`systemctl reload keepalived`; if it was refused, the file that is printed says why.",
  },
  scripts: {
    means: "Keepalived does not run a script that others could change. It then holds the virtual IP unchecked.",
    todo: "Owner root, writable by root only, for each folder of the path.",
  },
  "state-folder": {
    means: "After the next boot Keepalived finds no track file, and no agent hears it.",
    todo: "`generate-config --tmpfiles --output /etc/tmpfiles.d/keepalived-redis-NAME.conf`, then `systemd-tmpfiles --create`.",
  },
  "log-rotation": {
    means: "The log grows until the disk is full.",
    todo: "`generate-config --logrotate --output /etc/logrotate.d/keepalived-redis`.",
  },
  unit: {
    means: "A stop of Keepalived does not hand the role over first: writes may get lost at each upgrade.",
    todo: "`generate-config --systemd` into the drop-in that is printed, then `systemctl daemon-reload`.",
  },
  "password-file": {
    means: "Every user of this host can read the password of Redis.",
    todo: "`chmod 600` on the file.",
  },
  witnesses: {
    means:
      "A witness that does not answer tells nothing: if the peer is cut off as well, this node counts as isolated and stops serving.",
    todo: "Start it, open the firewall, or name another one.",
  },
  "disk-space": {
    means: "What only this node has can't be kept before it is overwritten, so the node will not follow: no replica.",
    todo: "Make room where the quarantine is, or remove files there that were applied ([quarantine](quarantine.md)).",
  },
  "redis-version": {
    means: "A replica of an older version can't copy from a newer master; below 6.2 writes can't be held back.",
    todo: "Upgrade: the replica first, then `switchover`, then the other one.",
  },
  "keepalived-version": {
    means:
      "Older ones were not tried and lack options that are used. Before 2.3.2 a `monitor.interval` with a fraction of a second is not taken: checks come once a second.",
    todo: "Upgrade it; or `monitor.interval = 1` on all nodes, and generate-config again.",
  },
  networkd: {
    means: "A restart of systemd-networkd removes the virtual IP, and Keepalived does not notice at once.",
    todo: "`KeepConfiguration=static` in the file that is printed.",
  },
  restarts: {
    means: "An upgrade at night restarts Keepalived, and the role moves.",
    todo: "The line that is printed.",
  },
  clock: {
    means: "`timeline` and what is kept order events by time. Failover itself does not.",
    todo: "Let chrony or systemd-timesyncd run on all nodes.",
  },
  prediction: {
    means: "With these settings clients wait for longer than 5 s.",
    todo: "The setting that is printed.",
  },
};

/** What each cause of a finding of `status` is. The command is printed with it. */
export const statusEntries: Readonly<Record<string, Entry>> = {
  rejected: {
    means: "A Redis lives, but our password, rights or connection is refused. There is no failover to it.",
    todo: "`doctor password commands`; with `maxclients` reached: find who connects (`CLIENT LIST`).",
  },
  "two-masters": {
    means: "Both take writes. Only those of the node with the virtual IP count.",
    todo: "Wait ten seconds: usually one of them follows by itself. Then the command that is printed.",
  },
  "two-holders": {
    means: "The nodes do not hear each other's VRRP adverts, or Keepalived is dead on one of them.",
    todo: "Start the dead one; else look for a firewall (protocol 112), a wrong interface or a second router_id.",
  },
  "no-master": {
    means:
      "Nobody takes writes. Either a promotion was refused since data could get lost, or no Redis is up, or the holder is in maintenance and its Redis was stopped or restarted.",
    todo: "As printed: `notify-master --dry-run` on the holder says what is refused and why; `maintenance off` there ends maintenance.",
  },
  "master-without-vip": {
    means: "The master is not where the clients go.",
    todo: "As printed: Keepalived may be dead on the master, or the transition of the holder was refused.",
  },
  "writes-refused": {
    means:
      "The master answers writes with an error: a save failed (MISCONF), or `min-replicas-to-write` waits for a replica.",
    todo: "MISCONF: room and rights of Redis' `dir`. Otherwise bring the replica back: `recover-master` there.",
  },
  "writes-held": { means: "A hand-over or a fence is at work; it ends within seconds.", todo: "Look again." },
  "redis-down": {
    means: "No Redis runs on that node: the next failure is not covered.",
    todo: "`recover-master` there.",
  },
  "not-seen": {
    means: "Nothing is known of that node: it may be down, or cut off and still master for others.",
    todo: "Log in there by another way and run `status` on it, before anything is changed.",
  },
  copying: {
    means: "A full copy runs; until it ends there is no failover to that node.",
    todo: "Wait. If it begins anew: `doctor output-buffer`.",
  },
  "not-replicating": {
    means: "A replica follows nobody, or the wrong node.",
    todo: "`recover-master` there: it keeps what only that node has, and makes it follow.",
  },
  lag: {
    means: "A failover would be refused, since too much would be missing.",
    todo: "Network, or a replica that is busy: `redis-cli SLOWLOG GET` there.",
  },
  "keepalived-dead": {
    means: "That node can't take over, or holds an address that nobody watches.",
    todo: "`systemctl start keepalived`; where the finding says why it does not start, first what it says.",
  },
  "keepalived-hangs": {
    means:
      "A signal (SIGSTOP) has stopped a process of Keepalived there. It neither hears the other node nor gives the address up.",
    todo: "`systemctl restart keepalived` there. `ps -o pid,stat,cmd -C keepalived` shows `T`; a debugger or a person has stopped it.",
  },
  "not-watched": {
    means:
      "The state folder was removed and made anew while Keepalived ran, which watches the old one. With the profile `agent` that node stays in FAULT; with the profile `hooks` its claim does not count after a split.",
    todo: "`systemd-tmpfiles --create && systemctl reload keepalived` there. Find out what removed the folder.",
  },
  unfit: { means: "The health check of that node says no.", todo: "Its cause: [monitor](monitor.md)." },
  fault: { means: "Keepalived took a node out whose Redis is well.", todo: "`journalctl -u keepalived`, `ip link`." },
  agent: { means: "Hooks and monitor do the agent's work.", todo: "`systemctl restart keepalived-redis-agent`." },
  maintenance: { means: "Failover is suspended there.", todo: "`maintenance off` when the work is done." },
  draining: {
    means: "A planned move is at work, or was left half-way.",
    todo: "Look again; after a minute `drain` in the state folder is to be removed.",
  },
  quarantine: {
    means: "Data was kept that the master may lack.",
    todo: "`diverged show ID`, then `diverged apply ID`, or remove the file.",
  },
  "broken-file": { means: "The last good cluster file is used.", todo: "Correct the file that is named." },
};
