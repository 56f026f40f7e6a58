import { monotonic_ms } from "../system/clock.ts";
import { connectSocket } from "./connect.ts";
import { encode, ReplyReader } from "./resp.ts";
import {
  authCommand,
  type Endpoint,
  fullUp,
  passwordNotNeeded,
  ReplyError,
  type Session,
  Unreachable,
  unreachable,
} from "./session.ts";

/** A request whose reply has not come yet. */
interface PendingRequest {
  resolve(value: unknown): void;
  reject(error: Error): void;
  /** Undefined until the request is sent. */
  due_ms: number | undefined;
  /** `events.slow` was called for it. */
  slow: boolean;
}

export interface ConnectionEvents {
  /** The connection has ended. Called once. */
  ended?: (why: Unreachable) => void;
  /** Half of the deadline has passed without a reply. */
  slow?: (stillWaiting: () => boolean) => void;
  /** What came without a request: a message of a channel. */
  pushed?: (value: unknown) => void;
}

/** A session that is kept open. */
export interface Connection extends Session {
  /**
   * Sends a PING, unless a reply is pending already, and ignores the reply: a server that doesn't answer ends the connection, see
   * ConnectionEvents. Two thirds of the cost of `ask` (measured); an agent probes all the time.
   */
  probe(): void;
}

const ping = encode(["PING"]);
const pong = Buffer.from("+PONG\r\n");

/**
 * A connection for the programs that Keepalived starts: ioredis takes 33 ms to load, this takes 4 ms. The monitor starts every
 * second, and while a hook starts no node is master. Each reply, connecting and AUTH included, must come within `deadline_ms`
 * of its request; otherwise the connection ends.
 */
export async function openConnection(
  endpoint: Endpoint,
  deadline_ms: number,
  events: ConnectionEvents = {},
): Promise<Connection> {
  const started_ms = monotonic_ms();
  let onBytes = (_bytes: Buffer): void => undefined;
  const socket = await connectSocket(endpoint, deadline_ms, (bytes) => onBytes(bytes));
  const pending: PendingRequest[] = [];
  const where = `${endpoint.host}:${endpoint.port}`;
  let endedBy: Unreachable | undefined;
  // The error of AUTH, or that of `maxclients`: pending requests are rejected with it.
  let rejection: Error | undefined;
  let replied = false;
  let timer: NodeJS.Timeout | undefined;

  const end = (error: unknown) => {
    const first = endedBy === undefined;
    endedBy ??= unreachable(endpoint, error);
    clearTimeout(timer);
    socket.destroy();
    for (const request of pending.splice(0)) request.reject(rejection ?? endedBy);
    if (first) events.ended?.(endedBy);
  };
  const timeOut = () => end(new Unreachable("timeout", `${where}: no answer within ${deadline_ms} ms`, !replied));
  // One timer, for the oldest request: an agent sends forty requests a second.
  const setTimer = () => {
    const [oldest] = pending;
    if (oldest?.due_ms === undefined || timer) return;
    const early_ms = events.slow && !oldest.slow ? deadline_ms / 2 : 0;
    const onTimer = () => {
      timer = undefined;
      // Timers run before sockets: if this process was stopped meanwhile, the reply has come and only has to be read.
      setImmediate(checkDeadline);
    };
    timer = setTimeout(onTimer, Math.max(0, oldest.due_ms - early_ms - monotonic_ms()));
  };
  const checkDeadline = () => {
    const [oldest] = pending;
    if (oldest?.due_ms === undefined) return;
    const left_ms = oldest.due_ms - monotonic_ms();
    if (left_ms <= 0) return timeOut();
    if (left_ms <= deadline_ms / 2 && !oldest.slow) {
      oldest.slow = true;
      events.slow?.(() => pending[0] === oldest);
    }
    setTimer();
  };
  const takeOldest = (): PendingRequest | undefined => {
    replied = true;
    const request = pending.shift();
    if (pending.length === 0) {
      clearTimeout(timer);
      timer = undefined;
    }
    return request;
  };
  const reader = new ReplyReader((value) => {
    if (pending.length === 0) events.pushed?.(value);
    const request = takeOldest();
    if (!(value instanceof ReplyError)) return request?.resolve(value);
    // With `maxclients` reached the server sends this error before any request, and closes the connection.
    if (fullUp(value)) rejection = value;
    request?.reject(rejection ?? value);
  });
  const pendingProbe: PendingRequest = {
    resolve: () => undefined,
    reject: () => undefined,
    due_ms: undefined,
    slow: false,
  };
  onBytes = (bytes) => {
    if (pending[0] === pendingProbe && reader.between && bytes.equals(pong)) return void takeOldest();
    try {
      reader.push(bytes);
    } catch (error) {
      end(new Unreachable("garbage", `${where}: ${(error as Error).message}`));
    }
  };
  socket.on("error", end);
  // "end" comes half a millisecond earlier: "close" waits until both sides are shut down.
  for (const event of ["end", "close"])
    socket.on(event, () => end(new Unreachable("closed", `${where}: closed the connection`)));

  // Requests made at the same time are sent in one packet and answered in one: that saves the monitor two wake-ups.
  let unsent = "";
  const flush = () => {
    socket.write(unsent);
    unsent = "";
    // The deadline starts when the request is sent: on a busy host the agent may stand still for longer between `ask` and here.
    const due_ms = (replied ? monotonic_ms() : started_ms) + deadline_ms;
    for (const request of pending) request.due_ms ??= due_ms;
    setTimer();
  };
  const send = (command: string[], request: Pick<PendingRequest, "resolve" | "reject">) => {
    if (unsent === "") setImmediate(flush);
    unsent += encode(command);
    pending.push({ ...request, due_ms: undefined, slow: false });
  };
  const logIn = (password: string) => {
    const reject = (error: Error) => {
      if (!passwordNotNeeded(error)) rejection = error;
    };
    const resolve = () => {
      rejection = undefined;
    };
    send(authCommand(endpoint, password), { resolve, reject });
  };
  // Sent together with the first requests: if AUTH fails, they are rejected with its error.
  if (endpoint.password !== undefined) logIn(endpoint.password);
  const ask = (...command: string[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (endedBy) reject(rejection ?? endedBy);
      else send(command, { resolve, reject });
    });
  const probe = () => {
    if (endedBy || pending.length > 0) return;
    // AUTH instead of PING after a failed login: the password of the server may have been changed meanwhile. Any reply will do.
    if (rejection && endpoint.password !== undefined) return logIn(endpoint.password);
    [pendingProbe.due_ms, pendingProbe.slow] = [undefined, false];
    pending.push(pendingProbe);
    unsent = ping;
    flush();
  };
  return { endpoint, ask, probe, close: () => end(new Unreachable("closed", `${where}: closed by us`)) };
}
