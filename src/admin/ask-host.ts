import type { Node } from "../cluster/schema.ts";
import type { HostReport } from "../model/host-report.ts";
import type { HostAnswer } from "../model/status.ts";
import { endpointOf } from "../redis/session.ts";
import type { RedisContext } from "../redis/sessions.ts";
import { nextCheck_ms, requestReport } from "../state/report-request.ts";
import { type AgentAnswer, askAgentOf } from "./ask-agent.ts";

/**
 * What only the host of another node knows: its agent tells it over HTTP, or its next health check over its Redis. Never rejects. Resolves
 * within `answer_ms` if the host is silent, and otherwise after its next health check at the latest.
 */
export async function askHost(context: RedisContext, node: Node, answer_ms: number): Promise<HostAnswer> {
  const answer = await askAgentOf<HostReport>(context.cluster, node, "/host", answer_ms);
  if (answer.kind === "answered" && isReport(answer.body)) return { report: answer.body, via: "agent" };
  const failed = withoutAgent(answer);
  if (failed.silent) return failed;
  const { cluster, password } = context;
  try {
    const report = await requestReport(cluster, endpointOf(cluster, node, password), answer_ms);
    if (isReport(report)) return { report, via: "check" };
    const wait_s = nextCheck_ms(cluster) / 1000;
    return { ...failed, why: `${failed.why}, and its health check told nothing within ${wait_s} s` };
  } catch {
    return failed;
  }
}

/** Of this version or a later one, and not what somebody else has sent: `status` reads these parts of it. */
const isReport = (body: Partial<HostReport> | undefined): body is HostReport =>
  typeof body?.holder === "boolean" &&
  [body.priority, body.agent, body.maintenance, body.kept].every((part) => typeof part === "object" && part !== null);

function withoutAgent(answer: AgentAnswer<HostReport>) {
  const none = { report: undefined, agent: undefined, silent: false };
  if (answer.kind === "not-asked") return { ...none, why: answer.why };
  const [why, because] =
    answer.kind === "answered" ? ["it is of another version", "other" as const] : [answer.why, answer.because];
  const agent = because === "refused" ? ("refused" as const) : because === "hangs" ? ("hung" as const) : undefined;
  const silent = answer.kind === "no-answer" && because === "other";
  return { ...none, agent, silent, why: `its agent does not answer at ${answer.at} (${why})` };
}
