import { monotonic_ms } from "../system/clock.ts";
import { dial } from "./dial.ts";
import { encode, ReplyReader } from "./resp.ts";
import {
  authCommand,
  type Endpoint,
  fullUp,
  passwordUnneeded,
  ReplyError,
  type Session,
  Unreachable,
  unreachable,
} from "./session.ts";

interface Asked {
  resolve(value: unknown): void;
  reject(error: Error): void;
  /** None until it is sent. */
  due_ms: number | undefined;
  slow: boolean;
}

export interface ConnectionEvents {
  /** The session is over. Once. */
  ended?: (why: Unreachable) => void;
  /** Half of the deadline has gone by without an answer. */
  slow?: (stillWaiting: () => boolean) => void;
}

/** A session that can be kept. */
export interface Connection extends Session {
  /**
   * Asks for nothing but a sign of life, and not while any answer is still waited for; whoever stays silent is heard of by
   * `Told`. Two thirds of the cost of `ask` (measured), for an agent that does so ten times a second and more.
   */
  probe(): void;
}

const ping = encode(["PING"]);
const pong = Buffer.from("+PONG\r\n");

/**
 * The way to Redis of whatever Keepalived starts: ioredis costs 33 ms a start, this 4 ms; the monitor starts every
 * second, and while a hook starts nobody is master. Each answer, connecting and AUTH included, must come within
 * `deadline_ms` of its question, however the server trickles, hangs or closes; then the session is over.
 */
export async function openConnection(
  endpoint: Endpoint,
  deadline_ms: number,
  tell: ConnectionEvents = {},
): Promise<Connection> {
  const started_ms = monotonic_ms();
  let read = (_bytes: Buffer): void => undefined;
  const socket = await dial(endpoint, deadline_ms, (bytes) => read(bytes));
  const waiting: Asked[] = [];
  const where = `${endpoint.host}:${endpoint.port}`;
  let over: Unreachable | undefined;
  let refused: Error | undefined;
  let answered = false;
  let timer: NodeJS.Timeout | undefined;

  const end = (error: unknown) => {
    const first = over === undefined;
    over ??= unreachable(endpoint, error);
    clearTimeout(timer);
    socket.destroy();
    for (const one of waiting.splice(0)) one.reject(refused ?? over);
    if (first) tell.ended?.(over);
  };
  const late = () => end(new Unreachable("timeout", `${where}: no answer within ${deadline_ms} ms`));
  // One timer for whatever is the oldest question when it goes off: an agent asks forty a second.
  const watch = () => {
    const [oldest] = waiting;
    if (oldest?.due_ms === undefined || timer) return;
    const early_ms = tell.slow && !oldest.slow ? deadline_ms / 2 : 0;
    const ring = () => {
      timer = undefined;
      // Timers come before sockets: where it was we who stood still, the answer is here and just not read.
      setImmediate(look);
    };
    timer = setTimeout(ring, Math.max(0, oldest.due_ms - early_ms - monotonic_ms()));
  };
  const look = () => {
    const [oldest] = waiting;
    if (oldest?.due_ms === undefined) return;
    const left_ms = oldest.due_ms - monotonic_ms();
    if (left_ms <= 0) return late();
    if (left_ms <= deadline_ms / 2 && !oldest.slow) {
      oldest.slow = true;
      tell.slow?.(() => waiting[0] === oldest);
    }
    watch();
  };
  const answer = (): Asked | undefined => {
    answered = true;
    const one = waiting.shift();
    if (waiting.length === 0) {
      clearTimeout(timer);
      timer = undefined;
    }
    return one;
  };
  const reader = new ReplyReader((value) => {
    const one = answer();
    if (!(value instanceof ReplyError)) return one?.resolve(value);
    // Said unasked, whatever the first question was, and then it hangs up.
    if (fullUp(value)) refused = value;
    one?.reject(refused ?? value);
  });
  const heart: Asked = { resolve: () => undefined, reject: () => undefined, due_ms: undefined, slow: false };
  read = (bytes) => {
    if (waiting[0] === heart && reader.between && bytes.equals(pong)) return void answer();
    try {
      reader.push(bytes);
    } catch (error) {
      end(new Unreachable("garbage", `${where}: ${(error as Error).message}`));
    }
  };
  socket.on("error", end);
  // "end" comes first, and half a millisecond earlier: a close waits for our side to be shut down in good order.
  for (const last of ["end", "close"])
    socket.on(last, () => end(new Unreachable("closed", `${where}: closed the connection`)));

  // What is asked together goes out in one packet and is answered in one: that saves the monitor two wake-ups.
  let unsent = "";
  const flush = () => {
    socket.write(unsent);
    unsent = "";
    // Only now is it said. An agent on a busy host may have stood still for longer than the deadline since it was asked for it.
    const due_ms = (answered ? monotonic_ms() : started_ms) + deadline_ms;
    for (const one of waiting) one.due_ms ??= due_ms;
    watch();
  };
  const send = (command: string[], asked: Pick<Asked, "resolve" | "reject">) => {
    if (unsent === "") setImmediate(flush);
    unsent += encode(command);
    waiting.push({ ...asked, due_ms: undefined, slow: false });
  };
  const logIn = (password: string) => {
    const reject = (error: Error) => {
      if (!passwordUnneeded(error)) refused = error;
    };
    const resolve = () => {
      refused = undefined;
    };
    send(authCommand(endpoint, password), { resolve, reject });
  };
  // Not waited for: the requests that follow go out with it, and where it is refused they are refused for its reason.
  if (endpoint.password !== undefined) logIn(endpoint.password);
  const ask = (...command: string[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (over) reject(refused ?? over);
      else send(command, { resolve, reject });
    });
  const probe = () => {
    if (over || waiting.length > 0) return;
    // The server's password may be changed after ours, and what it then says is as good a sign of life.
    if (refused && endpoint.password !== undefined) return logIn(endpoint.password);
    [heart.due_ms, heart.slow] = [undefined, false];
    waiting.push(heart);
    unsent = ping;
    flush();
  };
  return { endpoint, ask, probe, close: () => end(new Unreachable("closed", `${where}: closed by us`)) };
}
