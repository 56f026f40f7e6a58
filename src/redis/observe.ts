import type { Observation, Rejected, Unanswered } from "../model/observation.ts";
import { info, ping } from "./commands.ts";
import { parseInfo } from "./info.ts";
import { type Endpoint, fullUp, ReplyError, type Session, unreachable } from "./session.ts";

/** Observes one Redis over an open session. Never rejects: a failure is an observation too. */
export async function observeSession(session: Session): Promise<Observation> {
  const [pong, text] = await Promise.allSettled([ping(session), info(session)]);
  if (text.status === "rejected") return failedObservation(session.endpoint, text.reason);
  const observed = parseInfo(text.value);
  if (!observed)
    return { kind: "unreachable", why: "garbage", detail: `${session.endpoint.host}: INFO without a role` };
  const misconf = pong.status === "rejected" && pong.reason instanceof ReplyError && pong.reason.code === "MISCONF";
  return { kind: "observed", ...observed, refusesWrites: misconf ? (pong.reason as Error).message : undefined };
}

/** The observation that an error stands for. */
export function failedObservation(endpoint: Endpoint, error: unknown): Rejected | Unanswered {
  if (error instanceof ReplyError) {
    const why = rejections[error.code] ?? plainError(error);
    return { kind: "rejected", why, detail: `${endpoint.host}:${endpoint.port}: ${error.message}` };
  }
  const { why, message: detail, hung } = unreachable(endpoint, error);
  return { kind: "unreachable", why, detail, ...(hung ? { hung } : {}) };
}

// An error with the code ERR is told apart by its text.
function plainError(error: ReplyError): Rejected["why"] {
  if (fullUp(error)) return "full";
  return /AUTH|password/.test(error.message) ? "password" : "permission";
}

const rejections: Record<string, Rejected["why"]> = {
  NOAUTH: "password",
  WRONGPASS: "password",
  NOPERM: "permission",
  BUSY: "busy",
};
