/** The `event` of each log line: a stable name for programs; the message may change. docs/log-events.md is written from this list. */
export const logEvents = {
  decided: "A row of a decision table decided what a transition does; `steps` lists the plan.",
  "step-done": "A step of a plan is done; `step`, `at`, `duration_ms` and its result.",
  "step-failed":
    "A step of a plan failed. The transition goes on without it, or observes the cluster again and decides again.",
  "transition-done": "A transition is done: Redis has the role that Keepalived decided.",
  "transition-superseded": "A transition was stopped by a newer one, by the agent, or by the end of Keepalived.",
  "transition-refused": "A transition was refused; `why`, and `remedy`: what the operator can do.",
  "transition-failed": "A transition failed; `why`. The health check starts it again.",
  "maintenance-holds": "Maintenance is on, so a transition changed nothing.",
  "promotion-remembered":
    "This node was promoted; `resigned` names the nodes that had resigned before. Only with `--log-level debug`.",
  "diverged-applied":
    "`diverged apply` wrote kept writes to the master: `applied`, and `conflicts` that it left; `id`, `to`, `failed`.",
  "diverged-tried":
    "`diverged apply --dry-run` looked which of the kept writes can be applied; a transition that has kept writes starts it. `id`, `to`, `applied`, `conflicts`.",
  "diverged-not-applied":
    '`diverged apply` could not apply kept writes; also where it is started by itself (`failover.diverged_writes = "apply"`). `id`, `error`, `remedy`.',
  "record-failed":
    "A record can't be written: of who resigned, so after a split the other node may win; or of how many transitions there were, for the metrics.",
  "mark-failed": "The state folder can't be written, so the order of transitions is not known.",
  "lock-failed": "The lock of this cluster was not free, or flock(1) failed. The transition went on without the lock.",
  verdict: "The health check's verdict changed; `healthy`, `cause`, `detail`.",
  "agent-started":
    "The agent was started; `previous` is `killed` where the one before it left its heartbeat behind (killed or crashed, `silent_s` ago), else `ended`: it ended in order, or there was none since the boot.",
  "agent-resumed":
    "The agent stood still for `silent_s`, or could not write its heartbeat, and works again. The hooks and the monitor did its work meanwhile.",
  "agent-stopped": "The agent was told to stop; the hooks and the monitor do its work.",
  "cluster-file-broken": "The cluster file can't be used; the last good one is used instead.",
  "cluster-file-read": "The agent read the cluster file again (SIGHUP).",
  "cluster-file-refused": "The agent rejected a changed cluster file and keeps the previous one; `error`.",
  "redis-gone":
    "A Redis doesn't answer any more: the connection was refused, or there was no answer within `agent.timeout`.",
  "redis-back":
    "A Redis answers again; `before` is how the last connection or attempt ended. Without a `redis-gone` before it only the connection broke.",
  "restarted-parked": "The local Redis was restarted as a master. It is parked until the histories have been compared.",
  "replica-parked":
    "The master of the local replica is gone. The replica is parked until the histories have been compared.",
  "clients-blocked": "Redis listens on the address of its node only, until the virtual IP has moved.",
  "clients-unblocked": "Redis listens as before.",
  "client-access-failed": "Clients could not be blocked or unblocked.",
  "keepalived-dead":
    "Keepalived does not run on this host, so this node can't take over. `why`: why it does not start, if `keepalived -t` or a missing folder tells.",
  "keepalived-runs": "Keepalived runs again.",
  "state-folder-not-watched":
    "Keepalived does not watch the state folder, which was made anew: what is written into its track files does not count.",
  "state-folder-watched": "Keepalived watches the state folder again.",
  "fault-though-fit": "Keepalived put this node into FAULT, though the agent told it that the node is fit.",
  "vip-stays": "Keepalived is dead or hangs, and no peer answers. The virtual IP stays here.",
  "stepping-down": "Keepalived is dead or hangs. The agent removes the virtual IP from this host.",
  "vip-removed": "The agent removed the virtual IP from this host.",
  "vip-not-removed": "The agent could not remove the virtual IP from this host.",
  failback: '`failover.failback = "auto"`: the preferred node gets the master role back.',
  "failback-given-up": "The preferred node did not get the master role back. The agent tries again after `again_s`.",
  "fence-set": "The elastic fence was set: Redis accepts writes only while a replica is connected.",
  "fence-lifted": "The elastic fence was lifted.",
  "fence-failed": "The elastic fence could not be set or lifted.",
  "effect-failed": "An effect that the agent decided on ended with an unexpected error.",
  "check-failed": "A health check of the agent ended with an error.",
  "health-not-told": "The agent health file can't be written.",
  "heartbeat-failed": "The heartbeat can't be written, so the hooks and the monitor do the work.",
  "priority-usual": "The agent runs with usual priority (no CAP_SYS_NICE).",
  "http-failed": "The address of `agent.listen` can't be used, so HTTP is not served.",
  "notify-command-failed": "The command of `failover.on_transition` failed.",
  "log-failed": "The log file can't be written.",
  "command-step": "A command that an operator runs has done a step.",
  "command-note": "A command that an operator runs found a problem and went on.",
  drill: "A drill has ended; `result`, and what each of its `steps` took and cost.",
  maintenance: "Maintenance was turned on or off.",
} as const;

export type LogEvent = keyof typeof logEvents;
