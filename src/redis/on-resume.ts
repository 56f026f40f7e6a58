import { setTimeout as sleep } from "node:timers/promises";
import { monotonic_ms } from "../system/clock.ts";
import { dropClientsCommand, parkCommand, pauseWritesCommand } from "./commands.ts";
import { connectSocket } from "./connect.ts";
import { encode, ReplyReader } from "./resp.ts";
import { authCommand, type Endpoint, ReplyError, Unreachable } from "./session.ts";

export interface ParkOnResume {
  /** For connecting: the kernel answers at once, or its host is down. */
  connect_ms: number;
  /** For the server to resume. */
  deadline_ms: number;
  /** Throws when it must stop. Called all the time while the server hangs. */
  proceed: () => void;
}

const look_ms = 20;

/**
 * Sends a server that gives no answer the command to hold writes back for `ms`, and does not wait for the reply. Its kernel keeps the
 * command until Redis reads it; over TLS it never does, since that needs this process. Rejects if nothing accepts the connection.
 */
export async function fenceOnResume(endpoint: Endpoint, ms: number, connect_ms: number): Promise<void> {
  const socket = await connectSocket(endpoint, connect_ms, () => undefined);
  socket.on("error", () => undefined);
  socket.write([...loginOf(endpoint), pauseWritesCommand(ms)].map(encode).join(""));
  await sleep(look_ms);
  socket.destroy();
}

const loginOf = (endpoint: Endpoint): string[][] =>
  endpoint.password === undefined ? [] : [authCommand(endpoint, endpoint.password)];

/**
 * Parks a server that hangs, and ends its clients' sessions, as soon as it resumes. The commands are sent at once: the kernel accepts
 * them, and Redis reads them before what comes later. A server that a script blocks for more than `busy-reply-threshold` (5 s) answers
 * them with BUSY and forgets them, so they are sent again. Resolves when the server is parked, and also after `deadline_ms`,
 * with false. Rejects with an Unreachable if nobody listens there, and with what `proceed` throws.
 */
export async function parkOnResume(
  endpoint: Endpoint,
  { connect_ms, deadline_ms, proceed }: ParkOnResume,
): Promise<boolean> {
  const end_ms = monotonic_ms() + deadline_ms;
  for (;;) {
    const reply = await sendAndWait(endpoint, connect_ms, end_ms, proceed);
    if (reply === undefined) return false;
    if (!(reply instanceof ReplyError)) return true;
    if (reply.code !== "BUSY") throw reply;
    await sleep(look_ms);
  }
}

/** The reply to REPLICAOF; undefined if none comes until `end_ms`. The connection stays open that long: TLS needs it. */
async function sendAndWait(
  endpoint: Endpoint,
  connect_ms: number,
  end_ms: number,
  proceed: () => void,
): Promise<unknown> {
  const replies: unknown[] = [];
  const reader = new ReplyReader((value) => replies.push(value));
  const ended = new AbortController();
  const { signal } = ended;
  const guarded = (action: () => void) => {
    try {
      action();
    } catch (error) {
      ended.abort(error);
    }
  };
  const left_ms = Math.max(1, end_ms - monotonic_ms());
  const connecting = connectSocket(endpoint, connect_ms, (bytes) => guarded(() => reader.push(bytes)), {
    deadline_ms: left_ms,
    signal,
  });
  const watch = setInterval(() => guarded(proceed), look_ms);
  try {
    const socket = await connecting;
    socket.on("error", (error) => ended.abort(error));
    socket.on("close", () => ended.abort(new Error("the server closed the connection")));
    const login = loginOf(endpoint);
    socket.write([...login, parkCommand, dropClientsCommand].map(encode).join(""));
    try {
      while (replies.length <= login.length) {
        // First, so that the commands are on their way before `proceed` may throw.
        await sleep(look_ms);
        signal.throwIfAborted();
        if (monotonic_ms() > end_ms) return undefined;
      }
      return replies[login.length];
    } finally {
      socket.destroy();
    }
  } catch (error) {
    // The handshake was not answered.
    if (error instanceof Unreachable && error.why === "timeout" && monotonic_ms() >= end_ms) return undefined;
    throw error;
  } finally {
    clearInterval(watch);
  }
}
