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
 * them with BUSY and forgets them, so they are sent again at once. Resolves when the server is parked, and also after `deadline_ms`,
 * with false. Rejects with an Unreachable if nobody listens there, and with what `proceed` throws.
 */
export async function parkOnResume(
  endpoint: Endpoint,
  { connect_ms, deadline_ms, proceed }: ParkOnResume,
): Promise<boolean> {
  const end_ms = monotonic_ms() + deadline_ms;
  const ended = new AbortController();
  const { signal } = ended;
  const guarded = (action: () => void) => {
    try {
      action();
    } catch (error) {
      ended.abort(error);
    }
  };
  const login = loginOf(endpoint);
  const commands = [parkCommand, dropClientsCommand].map(encode).join("");
  const replies: unknown[] = [];
  const reader = new ReplyReader((value) => replies.push(value));
  let parked = false;
  const connecting = connectSocket(
    endpoint,
    connect_ms,
    (bytes) =>
      guarded(() => {
        reader.push(bytes);
        const [reply, killed] = replies.slice(login.length);
        if (reply instanceof ReplyError && reply.code !== "BUSY") throw reply;
        parked ||= reply !== undefined && !(reply instanceof ReplyError);
        if (parked || killed === undefined) return;
        replies.length = login.length;
        // At once: whoever is next after the script is obeyed first, and 40 ms later clients had written 4 to 9 times.
        void connecting.then((socket) => socket.write(commands));
      }),
    { deadline_ms, signal },
  );
  const watch = setInterval(() => guarded(proceed), look_ms);
  try {
    const socket = await connecting;
    socket.on("error", (error) => ended.abort(error));
    socket.on("close", () => ended.abort(new Error("the server closed the connection")));
    socket.write(login.map(encode).join("") + commands);
    try {
      while (!parked) {
        // First, so that the commands are on their way before `proceed` may throw.
        await sleep(look_ms);
        if (parked) break;
        signal.throwIfAborted();
        // The connection stays open that long: TLS needs it.
        if (monotonic_ms() > end_ms) return false;
      }
      return true;
    } finally {
      socket.destroy();
    }
  } catch (error) {
    // The handshake was not answered.
    if (error instanceof Unreachable && error.why === "timeout" && monotonic_ms() >= end_ms) return false;
    throw error;
  } finally {
    clearInterval(watch);
  }
}
