import type { Observation, Rejected, Unreached } from "../model/observation.ts";
import { info, ping } from "./commands.ts";
import { parseInfo } from "./info.ts";
import { type Endpoint, fullUp, ReplyError, type Session, unreachable } from "./session.ts";

/** Reads one Redis through an open session. Never rejects: a failure is an observation, too. */
export async function observeSession(session: Session): Promise<Observation> {
  const [pong, text] = await Promise.allSettled([ping(session), info(session)]);
  if (text.status === "rejected") return failedObservation(session.endpoint, text.reason);
  const observed = parseInfo(text.value);
  if (!observed)
    return { kind: "unreachable", why: "garbage", detail: `${session.endpoint.host}: INFO without a role` };
  const misconf = pong.status === "rejected" && pong.reason instanceof ReplyError && pong.reason.code === "MISCONF";
  return { kind: "observed", ...observed, refusesWrites: misconf ? (pong.reason as Error).message : undefined };
}

/** Turns a failed attempt into an observation. */
export function failedObservation(endpoint: Endpoint, error: unknown): Rejected | Unreached {
  if (error instanceof ReplyError) {
    const why = rejections[error.code] ?? worded(error);
    return { kind: "rejected", why, detail: `${endpoint.host}:${endpoint.port}: ${error.message}` };
  }
  const gone = unreachable(endpoint, error);
  return { kind: "unreachable", why: gone.why, detail: gone.message };
}

// These two come as a plain ERR.
function worded(error: ReplyError): Rejected["why"] {
  if (fullUp(error)) return "full";
  return /AUTH|password/.test(error.message) ? "password" : "permission";
}

const rejections: Record<string, Rejected["why"]> = {
  NOAUTH: "password",
  WRONGPASS: "password",
  NOPERM: "permission",
  BUSY: "busy",
};
