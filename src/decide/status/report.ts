import type { Gathered, GatheredNode, NodeStatus, StatusReport } from "../../model/status.ts";
import { findingsOf } from "./findings.ts";
import { hostData, known, unknown } from "./host-data.ts";
import { reachOf } from "./reach.ts";
import { redisData } from "./redis-data.ts";

/** From what was read to what is shown: each datum with where it comes from and its age, what is wrong, and what to do next. */
export function statusReport(gathered: Gathered): StatusReport {
  const { cluster, vip, from, at, broken, settings } = gathered;
  const nodes = withWanted(gathered.nodes.map((node) => nodeStatus(node, gathered)));
  const reach = reachOf(gathered.nodes, nodes);
  const seen = { cluster, vip, from, at, broken, nodes, reach };
  return { version: 1, ...seen, findings: findingsOf(seen, settings) };
}

function nodeStatus(node: GatheredNode, gathered: Gathered): NodeStatus {
  const { name, address, here } = node;
  return {
    ...{ name, address, here, wanted: unknown("") },
    ...redisData(node, gathered.nodes),
    ...hostData(node, gathered.vipRunId),
  };
}

/** The holder should be master, and all others its replicas. */
function withWanted(nodes: NodeStatus[]): NodeStatus[] {
  const holders = nodes.filter(({ holder }) => holder.value === true);
  const [only, second] = holders;
  return nodes.map((node): NodeStatus => {
    if (!only) return { ...node, wanted: unknown("no holder is seen") };
    if (second) return { ...node, wanted: unknown("more than one node has the virtual IP") };
    const { via, age_s } = { via: "host", age_s: 0, ...only.holder } as const;
    const isHolder = node.name === only.name;
    const wanted = isHolder ? { role: "master" as const, of: null } : { role: "replica" as const, of: only.name };
    return { ...node, wanted: known(wanted, via, age_s) };
  });
}
