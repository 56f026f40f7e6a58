import type { LogEvent } from "../../src/model/log-events.ts";

/** What an event of level warning or error means for an operator, and what to do. */
export interface Entry {
  means: string;
  todo: string;
}

/** `info`: never logged as a warning or an error. A new event is a type error until it is here; a test looks at the levels in the code. */
export const eventEntries: Readonly<Record<LogEvent, Entry | "info">> = {
  decided: "info",
  "step-done": "info",
  "step-failed": {
    means:
      "One step of a transition failed. The transition went on without it, or observed and decided again: the next `transition-...` line of the same `id` says how it ended.",
    todo: "Nothing if that is `transition-done`. If it comes back: `error` names the server; look whether it answers (`status`), and at its slow log.",
  },
  "transition-done": "info",
  "transition-superseded": "info",
  "transition-refused": {
    means:
      "Keepalived has moved the virtual IP, and Redis did not follow: what the plan needed could destroy data. At MASTER nobody serves then.",
    todo: "Do what `remedy` says; [refusals](#refusals) has each one. `notify-master --dry-run` on that node says what it would do now.",
  },
  "transition-failed": {
    means:
      "A transition ended with an error, or the nodes did not settle in six rounds. The health check starts it again.",
    todo: "`status`: if it is good again, `timeline` says what it cost. If not: `why` names the server that does not do what it is told.",
  },
  "maintenance-holds": {
    means:
      "Keepalived reported a transition, and nothing was changed, since maintenance is on. Virtual IP and master may be on two nodes.",
    todo: "`maintenance off` when the work is done: what Keepalived reported is then carried out.",
  },
  "promotion-remembered": "info",
  drill: "info",
  "agent-started": {
    means:
      "The agent runs, and the one before it was killed or has crashed. Meanwhile the hooks and the monitor did its work.",
    todo: "`timeline` says how long. `journalctl -u 'keepalived-redis-agent*'` and `dmesg` (the OOM killer) say who ended it.",
  },
  "agent-stopped": "info",
  "diverged-applied": "info",
  "diverged-tried": "info",
  "diverged-not-applied": {
    means: "Kept writes were not applied. They are still in the quarantine.",
    todo: "Do what `remedy` says, then `diverged apply ID` on that node.",
  },
  "record-failed": {
    means:
      "The state folder can't be written. Failover works; after a split the wrong node may stay master, and the metrics lack a transition.",
    todo: "`df -h /run; ls -ld /run/keepalived-redis/NAME`: make room, or make the folder again with `systemd-tmpfiles --create`.",
  },
  "mark-failed": {
    means: "The state folder can't be written, so two hooks that Keepalived starts at once may act in the wrong order.",
    todo: "As for `record-failed`. Then compare virtual IP and master with `status`.",
  },
  "lock-failed": {
    means:
      "Another transition held the lock for 15 s, or `flock` is missing. The transition went on without the lock, so two may have acted at once.",
    todo: "`status` says whether the result is right. `command -v flock`: it is in util-linux. `ps -ef | grep notify-` shows a hook that hangs.",
  },
  verdict: {
    means:
      "The health check found this node unfit (warning), or fit with a fault that would make a failover fail (error): wrong password, missing rights, `maxclients`, data that are behind, a cluster file that can't be used.",
    todo: "`cause` says which: [causes](monitor.md). `monitor --json` prints the one of now. An error is logged again every ten minutes until it is mended.",
  },
  "cluster-file-broken": {
    means: "The cluster file has an error. The last good one is used: nothing changes until you correct it.",
    todo: "`error` names file, line and key. Correct it; `status` says when it is good.",
  },
  "cluster-file-read": "info",
  "cluster-file-refused": {
    means:
      "The agent was told to read the cluster file again (SIGHUP), and it has an error, or changes what can't change while the agent runs. The agent keeps the old one.",
    todo: "Correct what `error` says and reload; for a new name or other `paths`: `systemctl restart keepalived-redis-agent`.",
  },
  "redis-gone": {
    means:
      "A Redis refuses connections or gave no answer within `agent.timeout`. The local one: this node is unfit and gives the virtual IP away. That of a peer: its replica is parked.",
    todo: "`status`. If the master has moved, `recover-master` on the node that failed. If it comes back by itself again and again: slow commands, a fork or a busy disk take longer than `agent.timeout`.",
  },
  "redis-back": "info",
  "restarted-parked": {
    means:
      "The local Redis was restarted and came up as a master. It is parked until the histories have been compared, so that nobody copies an empty data set.",
    todo: "Nothing: it follows or is promoted within seconds. `doctor replicaof`: with `replicaof 127.0.0.1 1` in redis.conf it comes up parked.",
  },
  "replica-parked": "info",
  "clients-blocked": "info",
  "clients-unblocked": "info",
  "client-access-failed": {
    means:
      "Warning: clients could not be refused before the virtual IP moved, so they wait for TCP instead. Error: Redis still listens on the address of its node only, so clients of the virtual IP are refused.",
    todo: "After the error: `redis-cli CONFIG SET bind` to what redis.conf says, on that node. `doctor commands`: may our user use CONFIG?",
  },
  "keepalived-dead": {
    means:
      "Keepalived does not run on this host. It can't take over; if it had the virtual IP, that may be on two hosts.",
    todo: "What `remedy` says; `why` is the first error of `keepalived -t`, or a folder that is missing. Without it `systemctl start keepalived`; `journalctl -u keepalived -n 50` says why it ended.",
  },
  "keepalived-runs": "info",
  "state-folder-not-watched": {
    means:
      "The state folder was removed and made anew while Keepalived ran. After a split the claim of this node does not count; a drain takes a check longer.",
    todo: "`systemd-tmpfiles --create`, then `systemctl reload keepalived`. Find out what removed the folder.",
  },
  "state-folder-watched": "info",
  "fault-though-fit": {
    means:
      "Keepalived took this node out, though its Redis is well: an interface is down, or a check did not end in time.",
    todo: "`journalctl -u keepalived -n 50` and `ip link`. Where checks are late, the host is overloaded. `doctor state-folder`: a state folder that was made anew while Keepalived ran.",
  },
  "vip-stays": {
    means:
      "Keepalived is dead or hangs here, and no peer answers. The virtual IP stays, since nobody else would serve.",
    todo: "Start Keepalived; then find out why the peers do not answer.",
  },
  "stepping-down": {
    means:
      "Keepalived is dead or hangs on the holder. The agent holds writes back and removes the virtual IP, so that a peer takes over.",
    todo: "`systemctl restart keepalived` on this node; `status` says who serves.",
  },
  "vip-removed": "info",
  "vip-not-removed": {
    means: "The agent could not remove the virtual IP of a dead Keepalived. It may be on two hosts.",
    todo: "`ip address del ADDRESS/BITS dev INTERFACE` on this host, then start Keepalived. The agent must run as root.",
  },
  failback: "info",
  "failback-given-up": {
    means:
      "The role did not go back to the preferred node within 5 s. It stays where it is; the next try comes after `again_s`.",
    todo: "`status`: is the preferred node fit, its Keepalived running, its agent alive? `switchover --to NAME` says why not.",
  },
  "fence-set": "info",
  "fence-lifted": "info",
  "fence-failed": {
    means:
      "`min-replicas-to-write` could not be set or lifted. The agent tries again. If it was to be lifted, the master may refuse writes.",
    todo: "`doctor commands`: may our user use `CONFIG SET`? By hand: `redis-cli CONFIG SET min-replicas-to-write 0`.",
  },
  "effect-failed": {
    means: "Something that the agent had decided on ended with an error that it did not expect. It goes on.",
    todo: "`status`. If something is wrong there: `systemctl restart keepalived-redis-agent`. It is a fault of this software: report the line.",
  },
  "check-failed": {
    means:
      "A health check of the agent ended with an unexpected error. The verdict stays as it was; the next check comes within a second.",
    todo: "Nothing if it comes once. Otherwise as for `effect-failed`.",
  },
  "health-not-told": {
    means: "The agent health file can't be written: Keepalived goes by an old verdict.",
    todo: "As for `record-failed`: room and rights of the state folder.",
  },
  "agent-resumed": {
    means:
      "The agent stood still for more than 1.5 s, or could not write its heartbeat. Hooks and monitor did its work, more slowly.",
    todo: "Nothing if it comes once. Was the host suspended, out of memory or overloaded? `journalctl -k` and the hypervisor's log may tell.",
  },
  "heartbeat-failed": {
    means: "The heartbeat can't be written, or the agent stood still. Hooks and monitor do its work, more slowly.",
    todo: "Room and rights of the state folder. If the agent stood still: was the host suspended, out of memory or overloaded?",
  },
  "priority-usual": {
    means: "The agent runs without CAP_SYS_NICE. On a busy host a failover takes longer.",
    todo: "Use the unit of the package, or of `generate-config --agent-service`; in a container allow SYS_NICE.",
  },
  "http-failed": {
    means:
      "The address of `agent.listen` is used by another program, or is not of this host. Failover works; metrics and `status` of the other nodes lack this one.",
    todo: "Free the address or change `agent.listen`; then `systemctl restart keepalived-redis-agent`.",
  },
  "notify-command-failed": {
    means:
      "The command of `failover.on_transition` can't be run, ended with an error, or took longer than 10 s. The transition is not concerned.",
    todo: "Run it by hand with the arguments CLUSTER NODE MASTER done, and `{}` on standard input.",
  },
  "log-failed": {
    means:
      "The log file can't be written. The lines go to standard error and, where there is one, to syslog or the journal.",
    todo: "`df -h /var/log`; rights of `/var/log/keepalived-redis`.",
  },
  "command-step": "info",
  "command-note": {
    means: "A command that somebody ran found a problem and went on. It was printed there as well.",
    todo: "Read the message; it names what to look at.",
  },
  maintenance: {
    means:
      "Somebody turned maintenance on or off. It is a warning so that it is seen: while it is on, there is no failover.",
    todo: "Nothing, if it was you.",
  },
};
