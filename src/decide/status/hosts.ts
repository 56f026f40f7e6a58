import type { Finding, NodeStatus } from "../../model/status.ts";
import { absent, at, type FindingRow, ours, type StatusFacts, watch } from "./facts.ts";

/** What runs on the hosts, and what an operator has turned on or should look at. */
export const hostRows: readonly FindingRow[] = [
  {
    when: "Keepalived does not run: critical on the holder, else warning (`keepalived-dead`)",
    find: (facts) =>
      facts.nodes.filter(({ keepalived }) => keepalived.value === false).map((node) => dead(facts, node)),
  },
  {
    when: "the health check finds a node unfit, and no row above says why: critical on the holder, else warning (`unfit`)",
    find: (facts) => facts.nodes.filter(isUnfit).map((node) => unfit(facts, node)),
  },
  {
    when: "Keepalived is in FAULT though the node is fit: warning (`fault`)",
    find: ({ nodes }) =>
      nodes
        .filter(({ vrrp, verdict }) => isFresh(vrrp) && vrrp.value?.state === "FAULT" && verdict.value?.fit === true)
        .map((node) => ({
          ...{ severity: "warning", cause: "fault", command: "journalctl -u keepalived -n 20", ...at(node) },
          text: `Keepalived is in FAULT on ${node.name}, though the node is fit: an interface or a check`,
        })),
  },
  {
    when: "an agent hangs or has died, or none answers at `agent.listen`: warning (`agent`)",
    find: ({ nodes }) => nodes.flatMap(withoutAgent),
  },
  {
    when: "maintenance is on: warning (`maintenance`)",
    find: (facts) =>
      facts.nodes
        .filter(({ maintenance }) => maintenance.value?.on === true)
        .map((node) => ({
          ...{ severity: "warning", cause: "maintenance", command: ours(facts, "maintenance off"), ...at(node) },
          text: `maintenance is on on ${node.name}${node.maintenance.value?.until ? ` until ${node.maintenance.value.until}` : ""}: failover is suspended there`,
        })),
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
      facts.nodes.filter(({ quarantine }) => (quarantine.value?.not_applied ?? 0) > 0).map((node) => kept(facts, node)),
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

const isFresh = (datum: { stale?: string | undefined } | { value: null }): boolean =>
  !("stale" in datum && datum.stale !== undefined);

function dead(facts: StatusFacts, node: NodeStatus): Finding {
  const { name, holder } = node;
  const next = { command: facts.settings.startKeepalived, ...at(node) };
  if (holder.value === true)
    return {
      ...{ severity: "critical", cause: "keepalived-dead", ...next },
      text: `Keepalived does not run on ${name}, which has the virtual IP: another node may take it as well`,
    };
  const text = `Keepalived does not run on ${name}: it can't take over`;
  return { severity: "warning", cause: "keepalived-dead", text, ...next };
}

/** What other rows say better is left out. */
const isUnfit = (node: NodeStatus): boolean =>
  node.verdict.value?.fit === false &&
  isFresh(node.verdict) &&
  node.verdict.value.cause !== "draining" &&
  node.redis.value?.state !== "rejected" &&
  !absent(node);

function unfit(facts: StatusFacts, node: NodeStatus): Finding {
  const { cause, detail } = node.verdict.value ?? { cause: "", detail: "" };
  const severity = node.holder.value === true ? "critical" : "warning";
  const text = `${node.name} is unfit to hold the virtual IP: ${cause}${detail ? `, ${detail}` : ""}`;
  return { severity, cause: "unfit", text, command: ours(facts, "monitor --json"), ...at(node) };
}

/** A node without any agent is as it should be, unless the cluster file says that one listens there. */
function withoutAgent(node: NodeStatus): Finding[] {
  const { agent, name } = node;
  if (agent.value === null || agent.value === "alive") return [];
  const missing = agent.value === "none" && agent.via === "agent";
  if (agent.value === "none" && !missing) return [];
  const what = agent.value === "hung" ? "hangs" : "does not run";
  const text = `the agent of ${name} ${what}: hooks and monitor do its work, more slowly`;
  return [
    { severity: "warning", cause: "agent", text, command: "systemctl restart keepalived-redis-agent", ...at(node) },
  ];
}

function kept(facts: StatusFacts, node: NodeStatus): Finding {
  const { not_applied: count = 0, newest } = node.quarantine.value ?? {};
  const what =
    newest?.kind === "writes" ? `${newest.writes ?? "some"} writes` : `a dump of ${newest?.keys ?? "some"} keys`;
  return {
    ...{ severity: "warning", cause: "quarantine", ...at(node) },
    text: `${node.name} keeps data that the master may lack: ${what} of ${newest?.when}${count > 1 ? `, and ${count - 1} more` : ""}`,
    command: ours(facts, `diverged show ${newest?.id}`),
  };
}
