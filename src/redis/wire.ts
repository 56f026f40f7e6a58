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
  due_ms: number;
}

/**
 * The way to Redis of whatever Keepalived starts: ioredis costs 33 ms a start, this 4 ms; the monitor starts every
 * second, and while a hook starts nobody is master. Each answer, connecting and AUTH included, must come within
 * `deadline_ms` of its question, however the server trickles, hangs or closes; then the session is over, and `ended` told.
 */
export async function openWire(
  endpoint: Endpoint,
  deadline_ms: number,
  ended?: (why: Unreachable) => void,
): Promise<Session> {
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
    if (first) ended?.(over);
  };
  const late = () => end(new Unreachable("timeout", `${where}: no answer within ${deadline_ms} ms`));
  // One timer for whatever is the oldest question when it goes off: an agent asks forty a second.
  const watch = () => {
    const [oldest] = waiting;
    if (!oldest || timer) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        const left_ms = (waiting[0]?.due_ms ?? Number.POSITIVE_INFINITY) - performance.now();
        if (left_ms > 0) watch();
        else late();
      },
      Math.max(0, oldest.due_ms - performance.now()),
    );
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
  socket.on("close", () => end(new Unreachable("closed", `${where}: closed the connection`)));

  // What is asked together goes out in one packet and is answered in one: that saves the monitor two wake-ups.
  let unsent = "";
  const flush = () => {
    socket.write(unsent);
    unsent = "";
  };
  const send = (command: string[], asked: Omit<Asked, "due_ms">) => {
    if (unsent === "") setImmediate(flush);
    unsent += encode(command);
    waiting.push({ ...asked, due_ms: (answered ? performance.now() : started_ms) + deadline_ms });
    if (waiting.length === 1) watch();
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
    const late = () => fail(new Unreachable("timeout", `${host}:${port}: no connection in time`));
    const timer = setTimeout(late, deadline_ms);
    socket.once("error", fail);
    socket.once(tls ? "secureConnect" : "connect", () => {
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
