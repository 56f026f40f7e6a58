import type { HostReport, TransitionResult } from "../model/host-report.ts";
import type { Metric, MetricsFacts, Sample } from "../model/metrics.ts";
import type { Transition } from "../model/transition.ts";

const transitions: readonly Transition[] = ["MASTER", "BACKUP", "FAULT", "STOP"];
const results: readonly TransitionResult[] = ["done", "refused", "failed", "superseded"];

export const yes = (value: boolean): Sample[] => [{ value: Number(value) }];

/** One sample for each state: 1 for the present one, else 0. */
export const oneOf = (label: string, states: readonly string[], present: string | null): Sample[] =>
  states.map((state) => ({ labels: { [label]: state }, value: Number(state === present) }));

/** What Keepalived said last counts only while it runs and does not hang. */
const vrrpState = ({ keepalived, keepalived_hangs, vrrp }: HostReport): Sample[] =>
  keepalived && !keepalived_hangs ? oneOf("state", transitions, vrrp?.state ?? null) : [];

/** The verdict counts only while something checks this node. */
const verdictNow = ({ verdict, keepalived, keepalived_hangs, agent }: HostReport): HostReport["verdict"] =>
  (keepalived && !keepalived_hangs) || agent.is === "alive" ? verdict : null;

/** Zero as well, so that `increase()` sees the first one. */
const counted = ({ host }: MetricsFacts): Sample[] =>
  transitions.flatMap((transition) =>
    results.map((result) => ({
      labels: { transition, result },
      value: host.transitions?.find((one) => one.transition === transition && one.result === result)?.count ?? 0,
    })),
  );

/** The last transition of each kind, whatever its result. */
const last =
  (value: "last_s" | "last_duration_s") =>
  ({ host }: MetricsFacts): Sample[] =>
    transitions.flatMap((transition) => {
      const ofKind = (host.transitions ?? []).filter((one) => one.transition === transition);
      const newest = ofKind.toSorted((a, b) => b.last_s - a.last_s)[0];
      return newest ? [{ labels: { transition }, value: newest[value] }] : [];
    });

/** What only the host of a node knows. */
export const hostMetrics: readonly Metric[] = [
  {
    name: "build_info",
    help: "1; the label has the version of this software",
    type: "gauge",
    labels: ["version"],
    samples: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  {
    name: "cluster_file_info",
    help: "1; the label has a hash of what the cluster file says, which is the same on all nodes",
    type: "gauge",
    labels: ["hash"],
    samples: ({ host }) =>
      host.cluster_file === undefined ? [] : [{ labels: { hash: host.cluster_file.slice(0, 12) }, value: 1 }],
  },
  {
    name: "holder",
    help: "1 while the virtual IP is on this host",
    type: "gauge",
    samples: ({ host }) => yes(host.holder),
  },
  {
    name: "keepalived_up",
    help: "1 while Keepalived runs on this host and no signal has stopped it; without it this node can't take over",
    type: "gauge",
    samples: ({ host }) => yes(host.keepalived && !host.keepalived_hangs),
  },
  {
    name: "vrrp_state",
    help: "1 for the transition that Keepalived reported last, else 0; nothing while Keepalived does not run",
    type: "gauge",
    labels: ["state"],
    samples: ({ host }) => vrrpState(host),
  },
  {
    name: "vrrp_priority",
    help: "The configured priority and the claim, which Keepalived adds",
    type: "gauge",
    samples: ({ host: { priority } }) => [{ value: priority.configured + priority.claim }],
  },
  {
    name: "agent_up",
    help: "1 while the agent is alive, 0 if it hangs or has died; nothing where none was started",
    type: "gauge",
    samples: ({ host: { agent } }) => (agent.is === "none" ? [] : yes(agent.is === "alive")),
  },
  {
    name: "fit",
    help: "1 while this node may hold the virtual IP; the label has the cause of the verdict",
    type: "gauge",
    labels: ["cause"],
    samples: ({ host }) => {
      const verdict = verdictNow(host);
      return verdict ? [{ labels: { cause: verdict.cause }, value: Number(verdict.fit) }] : [];
    },
  },
  {
    name: "maintenance",
    help: "1 while maintenance is on: failover is suspended on this node",
    type: "gauge",
    samples: ({ host }) => yes(host.maintenance.on),
  },
  {
    name: "draining",
    help: "1 while this node is asked to give the virtual IP away",
    type: "gauge",
    samples: ({ host }) => yes(host.drain === "yes"),
  },
  {
    name: "transitions_total",
    help: "Transitions that were carried out on this host since its boot, by kind and result",
    type: "counter",
    labels: ["transition", "result"],
    samples: counted,
  },
  {
    name: "last_transition_timestamp_seconds",
    help: "When the last transition of this kind ended, in seconds since 1970",
    type: "gauge",
    labels: ["transition"],
    samples: last("last_s"),
  },
  {
    name: "last_transition_duration_seconds",
    help: "How long the last transition of this kind took",
    type: "gauge",
    labels: ["transition"],
    samples: last("last_duration_s"),
  },
  {
    name: "kept_files",
    help: "Files in the quarantine",
    type: "gauge",
    samples: ({ host }) => [{ value: host.kept.files }],
  },
  {
    name: "kept_files_not_applied",
    help: "Files in the quarantine that `diverged apply` has not applied: the master may lack them",
    type: "gauge",
    samples: ({ host }) => [{ value: host.kept.not_applied }],
  },
];
