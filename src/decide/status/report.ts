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

function nodeStatus(node: GatheredNode, gathered: Gathered): Omit<NodeStatus, "wanted"> {
  const { name, address, here } = node;
  return { name, address, here, ...redisData(node, gathered.nodes), ...hostData(node, gathered.vipRunId) };
}

/** The holder should be master, and all others its replicas. */
function withWanted(nodes: Omit<NodeStatus, "wanted">[]): NodeStatus[] {
  const holders = nodes.flatMap(({ name, holder }) => (holder.value ? [{ ...holder, name }] : []));
  const [only, second] = holders;
  return nodes.map(({ name, address, here, ...data }): NodeStatus => {
    const wanted = (datum: NodeStatus["wanted"]) => ({ name, address, here, wanted: datum, ...data });
    if (!only) return wanted(unknown("no holder is seen"));
    if (second) return wanted(unknown("more than one node has the virtual IP"));
    const { via, age_s } = only;
    return wanted(
      known(name === only.name ? { role: "master", of: null } : { role: "replica", of: only.name }, via, age_s),
    );
  });
}
