import type { GatheredNode, NodeStatus, Reach } from "../../model/status.ts";

/** Who reaches whom, for each pair of nodes in both directions. */
export function reachOf(gathered: readonly GatheredNode[], nodes: readonly NodeStatus[]): Reach[] {
  return gathered.flatMap((from) =>
    gathered
      .filter((to) => to !== from)
      .map((to) => ({
        from: from.name,
        to: to.name,
        redis: overRedis(from, to, nodes),
        vrrp: adverts(from, to, nodes),
      })),
  );
}

/** Each node has one. */
const statusOf = ({ name }: GatheredNode, nodes: readonly NodeStatus[]): NodeStatus =>
  nodes.find((node) => node.name === name) as NodeStatus;

/** This node has just asked. Of the others their agents know, or a replication link that is up shows it. */
function overRedis(from: GatheredNode, to: GatheredNode, nodes: readonly NodeStatus[]): Reach["redis"] {
  if (from.here) return to.redis.seen.kind === "unreachable" ? "no" : "yes";
  const reported = from.host.report?.peers?.find(({ name }) => name === to.name);
  if (reported) return reported.answers ? "yes" : "no";
  const link = statusOf(from, nodes).link.value;
  if (link?.of !== to.name) return "unknown";
  return link.state === "up" || link.state === "copying" ? "yes" : "unknown";
}

// A node that starts is in BACKUP before it has heard anybody.
const settled_s = 5;

/**
 * A node that is fit and stays in BACKUP hears the adverts of the holder. A holder hears none, and two holders do not hear each other.
 */
function adverts(from: GatheredNode, to: GatheredNode, nodes: readonly NodeStatus[]): Reach["vrrp"] {
  const [ours, theirs] = [statusOf(from, nodes), statusOf(to, nodes)];
  const { vrrp } = ours;
  if (vrrp.value === null || vrrp.stale !== undefined) return "unknown";
  const { state, for_s } = vrrp.value;
  if (theirs.holder.value !== true || (for_s ?? 0) < settled_s) return "unknown";
  if (ours.holder.value === true) return theirs.keepalived.value === true ? "no" : "unknown";
  return state === "BACKUP" && ours.verdict.value?.fit === true ? "yes" : "unknown";
}
