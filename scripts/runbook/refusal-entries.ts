/** What an operator should know beside the remedy that is printed. `todo` where the code has no remedy of its own. */
interface Meaning {
  means: string;
  todo?: string;
}

/** By the words in the code; `…` stands for what differs. A test holds them to the code. */
export const refusalEntries: Readonly<Record<string, Meaning>> = {
  "another agent runs for … on this host (…)": {
    means: "One agent at a time serves a cluster: `systemctl status keepalived-redis-agent`.",
  },
  "the user of the agent has no access to … (…)": {
    means: "The agent's folders belong to another user, so it ended, and the hooks do the work.",
    todo: "`systemd-tmpfiles --create` gives them to it (docs/agent.md, *Its user and its rights*), then restart the agent.",
  },
  "the copy from the master can't begin: …": {
    means:
      "The master rejects this replica, so the role is not taken over from it, and the virtual IP goes back to it.",
  },
  "what was applied of these writes is not readable: …": {
    means:
      "The description beside the kept file was edited, or is of an older version. The writes themselves are untouched.",
  },
  "nothing was killed": { means: "`drill --kill-redis` was not confirmed. The pair is as it was." },
  "the process of the local Redis is not known: …": {
    means:
      "`drill --kill-redis` kills only the process that Redis itself reports and that listens on its port on this host: not one in a container.",
  },
  "… is master, and only its own host can kill its Redis": {
    means: "`drill --kill-redis` was started on the other node. Nothing was killed.",
  },
  "… is not installed, so Redis could not be started again": {
    means: "Nothing was killed: after the kill this node would have stayed without a Redis.",
  },
  "putting things back failed: …": {
    means:
      "A drill that was stopped, or in which a step failed, could not undo what it had done. The pair stays as it is.",
    todo: "Do what the second line says; without one: `status`.",
  },
  "… is master, and its replica is not in sync": {
    means: "How a drill that did not get to its end left the pair: the right node serves, and it is alone.",
  },
  "… is master, and … is not in sync with it": {
    means: "How a drill that did not get to its end left the pair: the other node serves, and it is alone.",
  },
  "no node is master, or: … are master": {
    means:
      "How a drill that did not get to its end left the pair. Nothing more is done by itself, since it may cost data.",
  },
  "the key … is there: another drill runs, or was killed": {
    means: "The key of the probe client is in Redis. It expires by itself.",
  },
  "the key … can't be written through the virtual IP: …": {
    means: "The probe client of `drill` has no right, or the virtual IP does not lead to the master.",
  },
  "there is no replica to move to": {
    means: "`drill` moves the role there and back, and no other node could take it.",
  },
  "can't read …, which init is to replace: …": { means: "`init` keeps what it replaces, and can't read this file." },
  "… has more than … MiB": { means: "`timeline` reads a log at once; this one is too large." },
  "the cluster file names no user of Redis": { means: "`generate-config --acl` prints the user of `redis.username`." },
  "Sentinel speaks TLS only with a certificate of its own, and the cluster file names none": {
    means: "`generate-config --sentinel`: Redis does not start with a TLS port and no certificate.",
  },
  "Sentinel can't keep a password with spaces or quotes": {
    means:
      "`generate-config --sentinel`: it writes the password back without quotes, and does not start again (Redis 7.0.15).",
  },
  "the link to the master did not come up within … s; …": {
    means: "`recover-master` has made this node a replica, and the copy did not begin or has stood still for a minute.",
    todo: "Do what the second half says; the log of the local Redis names the cause. Then run `recover-master` again.",
  },
  "…: not within … s": {
    means: "A command waited for what is named, and that did not come. What was done before stays done.",
    todo: "`status`; put right what it finds, and run the same command again: it goes on from where it was.",
  },
  "`…` failed (…)…": {
    means: "A command of `[commands]` in the cluster file, such as that which starts Redis, ended with an error.",
    todo: "Run it by hand to see why, or name another one under `[commands]`; then run the same command again.",
  },
  "… stopped answering: …": {
    means:
      "The Redis that was copied from died, or was cut off, before the copy was complete. The local data were kept where the other side lacks them.",
    todo: "`status`; when a master answers again, run `recover-master` again.",
  },
  "it is no master any more": {
    means: "The role moved while writes were applied. What was applied stays, and is not applied twice.",
  },
  "all of these writes were applied to … at …": { means: "Nothing of this file is missing at the master." },
  "nothing is kept as … on this node": { means: "The number is of another node, or the file was removed." },
  "… is missing or damaged": {
    means: "The description beside a kept file can't be read; the file itself is untouched.",
  },
  "no Redis of this cluster answers, and one is needed to find the keys in commands": {
    means: "Which words of a command are keys only a server knows.",
  },
  "two nodes are master: …, or: no node is master": {
    means: "Kept writes are applied to the master, and it is not clear which one that is.",
  },
  "… takes no writes until a replica acknowledges (min-replicas-to-write)": {
    means: "The elastic fence, or a setting of yours, holds the master's writes back.",
  },
  "can't write …: …": { means: "No room, no rights, or a read-only file system." },
  "nothing was changed": { means: "The question was answered with no.", todo: "Run init again, and answer y." },
  "Redis must be restarted once: …": {
    means: "The running Redis can't be given this setting. Restarting is left to you, since its clients notice it.",
  },
  "the local Redis was started without a configuration file, or: the local Redis was started with …, not …": {
    means: "init writes into the configuration file that the running Redis uses, and found another one.",
  },
  "the local Redis can't be used: …": { means: "init found no Redis that accepts its login." },
  "the local Redis is a node of a Redis Cluster, which fails over by itself": {
    means:
      "Redis Cluster has roles of its own: a server with `cluster-enabled` can't follow another one as init needs it.",
  },
  "a Sentinel at … watches the local Redis, and would change its role as well": {
    means:
      "Sentinel and Keepalived would promote different servers. A Sentinel shows by its connection: one that is not connected now is not found.",
  },
  "… is the agent of the cluster …": {
    means: "The unit on this host serves another cluster, and init does not change that one's.",
  },
  "the configuration file of the local Redis was not found, or: there is no …": {
    means: "init must add one line to that file.",
  },
  "the agent runs here": { means: "`init --undo` takes the files away that it uses." },
  "Keepalived runs here": { means: "`init --undo` takes the files away that it uses." },
  "the virtual IP and the master role did not move to …: …": {
    means: "A planned move was undone, since clients would have had no master for too long. No write is lost.",
  },
  "no Redis answers that could be asked to give the virtual IP away": {
    means: "A node is asked over its Redis to give the virtual IP away.",
  },
  "stopped by …": {
    means: "A signal ended the command between two steps. What it had asked of other nodes has ended with it.",
  },
  "the local Redis rejects us: …": {
    means:
      "Redis lives, but the password is wrong, a right is missing, `maxclients` is reached, or a script blocks it.",
    todo: "`doctor password commands`; a script: `redis-cli SCRIPT KILL`.",
  },
  "waited … s for …": { means: "The target of the planned move was not ready. Nothing was changed." },
  "there is no log at …": { means: "No transition and no agent has run here, or `paths.log` is another folder." },
  "can't read …: …": { means: "A file or folder that was named for `timeline`." },
  "can't read the journal: …": {
    means: "`timeline --journal` found no `journalctl`, or this user may not read the journal.",
  },
  "the journal has no line of keepalived-redis": {
    means:
      "No transition and no agent has run here since the time that `--since` names, or this user may not read the journal.",
  },
  "… is loading its data set": { means: "Whose data are served can't be decided before." },
  "the local Redis does not answer: …": { means: "init adopts the data of a Redis that runs." },
  "… already has the data of …, which is master": { means: "The cluster is made already, and the other node serves." },
  "… has … keys, and …, which is master, has none": { means: "To follow would replace these keys by nothing." },
  "… has … keys, and …: it is not clear whose are to be served": {
    means: "Both nodes have data of their own. Only you know which count.",
  },
  "… rejects us: …": { means: "The other node's Redis has another password, or lacks a right." },
  "… is master (… keys), so the cluster has to begin there": {
    means:
      "Here only this node would have Keepalived: it would take the virtual IP, and with it the role, before the other one is set up.",
  },
  "no other node is master (…)": { means: "`--join` needs a node that serves." },
  "… has no keys, and … has … and is not master": { means: "The data are on the other node: that one has to begin." },
  "… has … keys of an incomplete or unknown copy, and no node is master (…)": {
    means: "A copy was broken off here: some keys may be missing.",
  },
  "no master answers, and the local data set is known to lack more of what was served than `failover.max_missing_seconds` and `max_missing_bytes` allow, or this node stopped while another one could go on serving, which does not answer: refuse: …; …":
    {
      means:
        "The data here are older than what clients have seen, or may be. Serving them would lose what came after, unseen. So nobody serves.",
    },
  "the local data set may be incomplete, and no peer has newer data: refuse: … has … keys of an incomplete or unknown copy…; …":
    {
      means:
        "A full copy had not finished here when its master went: the keys that are here are a part. Or Redis has started from files that tell no history, such as an AOF: they may be all.",
    },
  "neither a peer nor a witness answers: this node may be cut off, so it promotes nothing and a master holds writes back: no peer and none of failover.witnesses answers":
    { means: "This node hears nobody. The others may serve, so it does not." },
  "the master that the local Redis copies from is alive, but rejects our login or our commands: refuse: … is still master and can't be demoted: …":
    {
      means: "To promote here would make a second master beside one that lives.",
    },
  "the local Redis of … rejects our login or our commands: …": { means: "recover-master can't give it a command." },
  "… and … are both masters, so it is not clear which one to copy from": {
    means: "There is a split. The node with the virtual IP has the clients.",
  },
  "… is still loading its data set": { means: "It may become master, so nothing is decided before." },
  "… answers, but no node is master": {
    means: "There is nobody to copy from; the other node has refused to become master.",
  },
  "… rejects our login or our commands: …": { means: "It may be the master; without it nothing can be compared." },
  "no peer answers (…)": { means: "Alone, recover-master can't know whether another node has newer data." },
  "no node is master": { means: "A planned move takes the role from a master." },
  "… and … are both masters": { means: "There is a split, so there is no role to move." },
  "… has no replica, or: … can't be reached": { means: "Nobody could take the role over." },
  "… is not in sync with …": { means: "A move would lose writes, or wait for a copy." },
  "… last acknowledged … s ago": { means: "The replica is slow or cut off; clients would wait for it." },
  "Keepalived does not run on …, so it can't take the virtual IP": { means: "The address would go to nobody." },
  "the local Redis doesn't answer, at MASTER: refuse: …": {
    means: "Keepalived gave this node the virtual IP, and its Redis is down: the other node is down as well, or unfit.",
  },
  "the local Redis rejects our login or our commands: refuse: …": {
    means: "Redis lives and can't be told its role.",
    todo: "`doctor password commands`; `maxclients`: end connections; a script: `redis-cli SCRIPT KILL`. Then start the hook again.",
  },
  "can't keep what only the local Redis has (…), so the local Redis does not follow …: …": {
    means:
      "What only this node has would be overwritten, and there is no room for it, or it can't be read. Redis is parked and keeps its data.",
  },
  "…, and the planned move was given up": {
    means: "The replica did not catch up in time behind the fence. The old master goes on; no write is lost.",
  },
  "root must not run the executables in …: …": {
    means: "Whoever can write there becomes root at the next check. Keepalived would not run them.",
  },
  "the path … can't be written into a configuration file": {
    means: "Keepalived, systemd and the others would read it in another way.",
  },
  "this host has no network interface …; it has …": {
    means: "Keepalived would ignore the virtual IP, or be in FAULT for ever.",
  },
  "Keepalived … of this host has no reload_check_config: a reload with an error would end it, and leave the virtual IP here":
    {
      means:
        "The configuration relies on it ([which Keepalived](generate-config.md#which-keepalived)). Two nodes would have the virtual IP.",
    },
  "Keepalived … of this host counts whole seconds, and does not take …": {
    means:
      "`monitor.interval` gives a fraction of a second between the checks ([fractions](generate-config.md#fractions-of-a-second)).",
  },
  "can't tell whether Keepalived takes …: keepalived --version: …": {
    means: "The same, and Keepalived is missing here or did not tell its version.",
  },
  "can't run keepalived -t: …": { means: "The configuration is tested before it is installed." },
  "keepalived -t refuses the configuration: …": {
    means: "Nothing was installed; the running Keepalived is as it was.",
  },
  "keepalived -t refuses … together with ours: …": {
    means:
      "keepalived.conf has something of others and stays. With ours in it Keepalived would refuse the reload. Nothing was installed.",
  },
  "a dump is loaded by a redis-server, and none is installed here": {
    means: "Keys of a dump are compared by loading it beside the running Redis.",
  },
  "… can't be loaded: …": { means: "The dump is damaged, or needs a module or a newer server." },
};
