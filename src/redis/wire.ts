import { readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
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

export interface Told {
  /** The session is over. Once. */
  ended?: (why: Unreachable) => void;
  /** Half of the deadline has gone by without an answer. */
  slow?: (stillWaiting: () => boolean) => void;
}

/**
 * The way to Redis of whatever Keepalived starts: ioredis costs 33 ms a start, this 4 ms; the monitor starts every
 * second, and while a hook starts nobody is master. Each answer, connecting and AUTH included, must come within
 * `deadline_ms` of its question, however the server trickles, hangs or closes; then the session is over.
 */
export async function openWire(endpoint: Endpoint, deadline_ms: number, tell: Told = {}): Promise<Session> {
  const started_ms = performance.now();
  const socket = await dial(endpoint, deadline_ms);
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
    timer = setTimeout(ring, Math.max(0, oldest.due_ms - early_ms - performance.now()));
  };
  const look = () => {
    const [oldest] = waiting;
    if (oldest?.due_ms === undefined) return;
    const left_ms = oldest.due_ms - performance.now();
    if (left_ms <= 0) return late();
    if (left_ms <= deadline_ms / 2 && !oldest.slow) {
      oldest.slow = true;
      tell.slow?.(() => waiting[0] === oldest);
    }
    watch();
  };
  const reader = new ReplyReader((value) => {
    answered = true;
    const one = waiting.shift();
    if (waiting.length === 0) {
      clearTimeout(timer);
      timer = undefined;
    }
    if (!(value instanceof ReplyError)) return one?.resolve(value);
    // Said unasked, whatever the first question was, and then it hangs up.
    if (fullUp(value)) refused = value;
    one?.reject(refused ?? value);
  });
  socket.on("data", (chunk: Buffer) => {
    try {
      reader.push(chunk);
    } catch (error) {
      end(new Unreachable("garbage", `${where}: ${(error as Error).message}`));
    }
  });
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
    const due_ms = (answered ? performance.now() : started_ms) + deadline_ms;
    for (const one of waiting) one.due_ms ??= due_ms;
    watch();
  };
  const send = (command: string[], asked: Pick<Asked, "resolve" | "reject">) => {
    if (unsent === "") setImmediate(flush);
    unsent += encode(command);
    waiting.push({ ...asked, due_ms: undefined, slow: false });
  };
  if (endpoint.password !== undefined) {
    // Not waited for: the requests that follow go out with it, and where it is refused they are refused for its reason.
    const reject = (error: Error) => {
      if (!passwordUnneeded(error)) refused = error;
    };
    send(authCommand(endpoint, endpoint.password), { resolve: () => undefined, reject });
  }
  const ask = (...command: string[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (over) reject(refused ?? over);
      else send(command, { resolve, reject });
    });
  return { endpoint, ask, close: () => end(new Unreachable("closed", `${where}: closed by us`)) };
}

/**
 * Says something to a server that hangs, and hears nothing: its kernel takes the connection and the words, and it reads them
 * when it goes on. Rejects with an Unreachable where not even the kernel answers within `deadline_ms` (or TLS must).
 */
export async function leaveWord(endpoint: Endpoint, commands: string[][], deadline_ms: number): Promise<void> {
  const socket = await dial(endpoint, deadline_ms);
  const { password } = endpoint;
  const words = [...(password === undefined ? [] : [authCommand(endpoint, password)]), ...commands];
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, deadline_ms);
    socket.end(words.map(encode).join(""), () => {
      clearTimeout(timer);
      resolve();
    });
  });
  socket.destroy();
}

// The kernel repeats a lost SYN only after a second; we dial anew well before that.
const dials = 3;

/** A connected socket, within `deadline_ms`. Rejects with an Unreachable. */
async function dial(endpoint: Endpoint, deadline_ms: number): Promise<Socket> {
  for (let left = dials; ; left--) {
    try {
      return await connected(await plugIn(endpoint), endpoint, deadline_ms / dials);
    } catch (error) {
      const gone = unreachable(endpoint, error);
      if (left === 1 || gone.why !== "timeout") throw gone;
    }
  }
}

function connected(socket: Socket, { host, port, tls }: Endpoint, deadline_ms: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const late = new Unreachable("timeout", `${host}:${port}: no connection in time`);
    let here = false;
    const timer = setTimeout(() => setImmediate(() => here || fail(late)), deadline_ms);
    socket.once("error", fail);
    socket.once(tls ? "secureConnect" : "connect", () => {
      here = true;
      clearTimeout(timer);
      socket.off("error", fail);
      resolve(socket);
    });
  });
}

async function plugIn(endpoint: Endpoint): Promise<Socket> {
  const { host, port, tls } = endpoint;
  if (!tls) return createConnection({ host, port, noDelay: true });
  const { connect } = await import("node:tls");
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  const { ca, cert, key } = tls;
  const named = tls.server_name === undefined ? {} : { servername: tls.server_name };
  return connect({ host, port, ...named, ca: read(ca), cert: read(cert), key: read(key) });
}
