import type { KeptSummary } from "../../model/host-report.ts";
import type { Datum, Finding, NodeStatus } from "../../model/status.ts";
import { whyNotStarting } from "../start-problem.ts";
import { absent, at, type FindingRow, ours, type StatusFacts, watch } from "./facts.ts";

/** What runs on the hosts, and what an operator has turned on or should look at. */
export const hostRows: readonly FindingRow[] = [
  {
    when: "Keepalived does not run: critical on the holder, else warning (`keepalived-dead`)",
    find: (facts) =>
      facts.nodes.filter(({ keepalived }) => keepalived.value === false).map((node) => dead(facts, node)),
  },
  {
    when: "a signal has stopped Keepalived: critical on the holder, else warning (`keepalived-hangs`)",
    find: ({ nodes }) => nodes.filter(({ keepalived_hangs }) => keepalived_hangs.value === true).map(hanging),
  },
  {
    when: "Keepalived runs and does not watch the folder of its track files: warning (`not-watched`)",
    find: ({ nodes }) => nodes.flatMap(notWatching),
  },
  {
    when: "the health check finds a node unfit, and no row above says why: critical on the holder, else warning (`unfit`)",
    find: (facts) => facts.nodes.flatMap((node) => unfit(facts, node)),
  },
  {
    when: "Keepalived is in FAULT though the node is fit, and the row `not-watched` does not say why: warning (`fault`)",
    find: ({ nodes }) =>
      nodes
        .filter(({ vrrp, verdict }) => isFresh(vrrp) && vrrp.value?.state === "FAULT" && verdict.value?.fit === true)
        .filter((node) => notWatching(node).length === 0)
        .map((node) => ({
          ...{ severity: "warning", cause: "fault", command: "journalctl -u keepalived -n 20", ...at(node) },
          text: `Keepalived is in FAULT on ${node.name}, though the node is fit: an interface or a check`,
        })),
  },
  {
    when: "an agent hangs or has died, or its port refuses connections: warning (`agent`)",
    find: ({ nodes }) => nodes.flatMap(withoutAgent),
  },
  {
    when: "maintenance is on: warning (`maintenance`)",
    find: (facts) =>
      facts.nodes.flatMap((node) =>
        node.maintenance.value?.on ? [inMaintenance(facts, node, node.maintenance.value)] : [],
      ),
  },
  {
    when: "a node is asked to give the virtual IP away: warning (`draining`)",
    find: (facts) =>
      facts.nodes
        .filter(({ drain }) => drain.value === true && isFresh(drain))
        .map(({ name }) => ({
          ...{ severity: "warning", cause: "draining", command: watch(facts) },
          text: `${name} is asked to give the virtual IP away`,
        })),
  },
  {
    when: "the quarantine has files that `diverged apply` has not applied: warning (`quarantine`)",
    find: (facts) =>
      facts.nodes.flatMap((node) => (node.quarantine.value ? kept(facts, node, node.quarantine.value) : [])),
  },
  {
    when: "the cluster file or the password file can't be used: warning (`broken-file`)",
    find: ({ broken, settings: { file, passwordFile } }) => {
      if (broken === null) return [];
      const password = passwordFile !== undefined && broken.includes(passwordFile);
      const text = password ? broken : `the last good cluster file is used: ${broken}`;
      return [
        { severity: "warning", cause: "broken-file", text, command: password ? `ls -l ${passwordFile}` : `vi ${file}` },
      ];
    },
  },
];

const isFresh = (datum: Datum<unknown>): boolean => !("stale" in datum);

function dead(facts: StatusFacts, node: NodeStatus): Finding {
  const { name, holder, keepalived_problem } = node;
  const start = facts.settings.startKeepalived;
  const known = whyNotStarting(keepalived_problem.value, { start, doctor: ours(facts, "doctor") });
  const why = known ? `; ${known.why}` : "";
  const next = { command: known?.command ?? start, ...at(node) };
  if (holder.value === true)
    return {
      ...{ severity: "critical", cause: "keepalived-dead", ...next },
      text: `Keepalived does not run on ${name}, which has the virtual IP: another node may take it as well${why}`,
    };
  const text = `Keepalived does not run on ${name}: it can't take over${why}`;
  return { severity: "warning", cause: "keepalived-dead", text, ...next };
}

// systemd lets a stopped process go on, so that it can end.
function hanging(node: NodeStatus): Finding {
  const holds = node.holder.value === true;
  const then = holds ? ", which has the virtual IP: another node may take it as well" : ": it can't take over";
  return {
    ...{ severity: holds ? "critical" : "warning", cause: "keepalived-hangs" },
    text: `Keepalived hangs on ${node.name}${then}`,
    ...{ command: "systemctl restart keepalived", ...at(node) },
  };
}

/** Its health check still drains a node of the profile hooks; one of the profile agent is in FAULT. */
function notWatching(node: NodeStatus): Finding[] {
  const { keepalived_problem: problem, name } = node;
  if (problem.value?.is !== "not-watched") return [];
  const reload = "systemd-tmpfiles --create && systemctl reload keepalived";
  const text = `Keepalived of ${name} does not watch ${problem.value.what}: no claim counts there, and a drain only by its check`;
  return [{ severity: "warning", cause: "not-watched", text, command: reload, ...at(node) }];
}

/** What other rows say better is left out. */
function unfit(facts: StatusFacts, node: NodeStatus): Finding[] {
  const { verdict, redis } = node;
  if (verdict.value === null || verdict.value.fit || !isFresh(verdict)) return [];
  const { cause, detail } = verdict.value;
  if (cause === "draining" || redis.value?.state === "rejected" || absent(node)) return [];
  const severity = node.holder.value === true ? "critical" : "warning";
  const text = `${node.name} is unfit to hold the virtual IP: ${cause}${detail ? `, ${detail}` : ""}`;
  return [{ severity, cause: "unfit", text, command: ours(facts, "monitor --json"), ...at(node) }];
}

/** A node without any agent is as it should be. */
function withoutAgent(node: NodeStatus): Finding[] {
  const { agent, name } = node;
  if (agent.value === null || agent.value === "alive" || agent.value === "none") return [];
  if (agent.value === "refused") return [refusing(node)];
  const what = agent.value === "hung" ? "hangs" : "does not run";
  const text = `the agent of ${name} ${what}: hooks and monitor do its work, more slowly`;
  return [
    { severity: "warning", cause: "agent", text, command: "systemctl restart keepalived-redis-agent", ...at(node) },
  ];
}

/** That nobody listens there does not say that the agent is dead. */
const refusing = (node: NodeStatus): Finding => ({
  ...{ severity: "warning", cause: "agent", command: "systemctl status keepalived-redis-agent", ...at(node) },
  text: `the port of the agent of ${node.name} refuses connections: the agent does not run, or a firewall refuses them`,
});

function inMaintenance(facts: StatusFacts, node: NodeStatus, { until }: { until: string | null }): Finding {
  return {
    ...{ severity: "warning", cause: "maintenance", command: ours(facts, "maintenance off"), ...at(node) },
    text: `maintenance is on on ${node.name}${until ? ` until ${until}` : ""}: failover is suspended there`,
  };
}

function kept(facts: StatusFacts, node: NodeStatus, { not_applied: count, newest }: KeptSummary): Finding[] {
  if (count === 0 || newest === null) return [];
  const what =
    newest.kind === "writes" ? `${newest.writes ?? "some"} writes` : `a dump of ${newest.keys ?? "some"} keys`;
  const more = count > 1 ? `, and ${count - 1} more` : "";
  return [
    {
      ...{ severity: "warning", cause: "quarantine", ...at(node) },
      text: `${node.name} keeps data that the master may lack: ${what} of ${newest.when}${more}`,
      command: ours(facts, `diverged show ${newest.id}`),
    },
  ];
}
