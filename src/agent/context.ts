import type { NodeContext } from "../cluster/context.ts";
import { priorityOf } from "../cluster/local-node.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import type { PlanContext } from "../failover/context.ts";
import type { AgentEvent, AgentState } from "../model/agent.ts";
import type { OpenSession } from "../redis/session.ts";
import type { Announcement } from "./announcement.ts";

/** What an effect of the agent needs: the node, its links, and a way to post events. */
export interface EffectContext extends Omit<PlanContext, "proceed"> {
  /** The node with the highest priority, to which the role is moved back. */
  preferred: Node;
  post(event: AgentEvent): void;
  /** The present state of the agent. */
  state(): AgentState;
  /** The heartbeat is fresh, so the hooks do not act. */
  mayAct(): boolean;
  /** After a stale heartbeat: running hooks have ended, and this agent does the work again. */
  resumed(): Promise<void>;
  /** Asks each peer that counts as gone again. */
  forgetSilence(): void;
  announcement: Announcement;
  moveAnnouncement: Announcement;
  /** One change of client access at a time: the second of two would save the blocked state of the first as the usual one. */
  clientAccess(change: () => Promise<void>): Promise<void>;
}

/** The context for plans and checks, with sessions over the agent's links. */
export function planContextOf(context: NodeContext, open: OpenSession): Omit<PlanContext, "proceed"> {
  const { cluster } = context;
  // The agent polls each server all the time, so it needs no longer time-out than its own.
  const quick = { ...cluster, monitor: { ...cluster.monitor, timeout: cluster.agent.timeout } };
  return { ...context, cluster: quick, open, allowDataLoss: cluster.failover.allow_data_loss };
}

/** The node with the highest priority. */
export const preferredOf = (cluster: Cluster): Node =>
  cluster.nodes.toSorted((a, b) => priorityOf(cluster, b) - priorityOf(cluster, a))[0] as Node;
