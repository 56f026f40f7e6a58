import type { NodeContext } from "../cluster/context.ts";
import { priorityOf } from "../cluster/local-node.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import type { PlanContext } from "../failover/context.ts";
import type { AgentEvent, AgentState } from "../model/agent.ts";
import type { OpenSession } from "../redis/session.ts";

/** What an effect of the agent needs: the node, its links, and a way to say what came of it. */
export interface EffectContext extends Omit<PlanContext, "proceed"> {
  /** The node that the role goes back to. */
  preferred: Node;
  post(event: AgentEvent): void;
  /** What the agent knows by now. */
  state(): AgentState;
  /** The heartbeat is fresh: hooks leave the work to this agent. */
  mayAct(): boolean;
  /** One change of who may connect at a time: the second of two at once would take the first one's for the usual. */
  clientAccess(change: () => Promise<void>): Promise<void>;
}

/** The context as the agent's plans and checks have it, over its links. */
export function planContextOf(context: NodeContext, open: OpenSession): Omit<PlanContext, "proceed"> {
  const { cluster } = context;
  // What hooks and the monitor allow a server, we need not: we heard from it a moment ago.
  const quick = { ...cluster, monitor: { ...cluster.monitor, timeout: cluster.agent.timeout } };
  return { ...context, cluster: quick, open, allowDataLoss: cluster.failover.allow_data_loss };
}

/** The node that the role goes back to. */
export const preferredOf = (cluster: Cluster): Node =>
  cluster.nodes.toSorted((a, b) => priorityOf(cluster, b) - priorityOf(cluster, a))[0] as Node;
