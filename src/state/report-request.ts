import type { Cluster } from "../cluster/schema.ts";
import { checkTimes } from "../decide/check-times.ts";
import type { HostReport } from "../model/host-report.ts";
import { subscribers } from "../redis/commands.ts";
import { openConnection } from "../redis/connection.ts";
import { firstMessage } from "../redis/first-message.ts";
import { type Endpoint, endpointOf, type Session } from "../redis/session.ts";
import type { RedisContext } from "../redis/sessions.ts";
import { within } from "../system/within.ts";
import { hostReport } from "./host-report.ts";

/**
 * What only a host knows travels over its Redis where no agent listens: another host subscribes to a channel of that Redis, the next
 * health check there counts the subscribers, and publishes its report. As long as nobody asks nothing is published.
 */
const channelOf = (cluster: Pick<Cluster, "name">): string => `keepalived-redis:${cluster.name}:report`;

/** Whether another host waits for the report of the node of this session. */
export const reportRequested = async (session: Session, cluster: Cluster): Promise<boolean> =>
  (await subscribers(session, channelOf(cluster))) > 0;

// A server whose writes are paused holds a PUBLISH back as well, and then this is not a matter of the check.
const publish_ms = 100;

/** Publishes the report of this host if another one waits for it. Over a connection of its own; never rejects. */
export async function answerReportRequest(context: RedisContext): Promise<void> {
  const { cluster, node, password } = context;
  try {
    const session = await openConnection(endpointOf(cluster, node, password), cluster.monitor.timeout * 1000);
    const answer = async () => {
      if (await reportRequested(session, cluster))
        await session.ask("PUBLISH", channelOf(cluster), JSON.stringify(hostReport(context)));
    };
    await within(publish_ms, answer(), undefined).finally(() => session.close());
  } catch {
    // Who waits for it says that nothing came.
  }
}

/**
 * The report of the host of that Redis; undefined if its next health check does not tell it. Rejects with a ReplyError or an Unreachable
 * if its Redis can't be asked within `answer_ms`.
 */
export async function requestReport(
  cluster: Cluster,
  endpoint: Endpoint,
  answer_ms: number,
): Promise<HostReport | undefined> {
  const message = await firstMessage(endpoint, channelOf(cluster), { answer_ms, wait_ms: nextCheck_ms(cluster) });
  return message === undefined ? undefined : (JSON.parse(message) as HostReport);
}

/**
 * Where an agent should run Keepalived checks more seldom, and which profile another host has is not known here: `status` that waited for
 * one interval missed each check of a host whose agent was dead, 20 s long. A check takes about 0.1 s, and starts late on a busy host.
 */
export const nextCheck_ms = ({ monitor }: Cluster): number =>
  checkTimes(monitor.interval, "agent").interval * 1000 + 300;
