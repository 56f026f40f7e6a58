import { readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { encode, ReplyReader } from "./resp.ts";
import {
  authCommand,
  type Endpoint,
  passwordUnneeded,
  ReplyError,
  type Session,
  Unreachable,
  unreachable,
} from "./session.ts";

/**
 * The monitor's way to Redis: ioredis costs 33 ms a start, this 4 ms, and the monitor starts every second.
 * The deadline is one for the whole session, however the server trickles, hangs or closes.
 */
export async function openWire(endpoint: Endpoint, deadline_ms: number): Promise<Session> {
  const socket = await dial(endpoint);
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  let over: Unreachable | undefined;
  let refused: Error | undefined;

  const end = (error: unknown) => {
    over ??= unreachable(endpoint, error);
    clearTimeout(timer);
    socket.destroy();
    for (const one of waiting.splice(0)) one.reject(over);
  };
  const timer = setTimeout(
    () => end(new Unreachable("timeout", `${endpoint.host}:${endpoint.port}: no answer within ${deadline_ms} ms`)),
    deadline_ms,
  );
  const reader = new ReplyReader((value) => {
    const one = waiting.shift();
    if (value instanceof ReplyError) one?.reject(refused ?? value);
    else one?.resolve(value);
  });
  socket.on("data", (chunk: Buffer) => {
    try {
      reader.push(chunk);
    } catch (error) {
      end(new Unreachable("garbage", `${endpoint.host}:${endpoint.port}: ${(error as Error).message}`));
    }
  });
  socket.on("error", end);
  socket.on("close", () => end(new Unreachable("closed", `${endpoint.host}:${endpoint.port}: closed the connection`)));

  // What is asked together goes out in one packet and is answered in one: that saves the monitor two wake-ups.
  let unsent = "";
  const send = (command: string[]) => {
    if (unsent === "") setImmediate(flush);
    unsent += encode(command);
  };
  const flush = () => {
    socket.write(unsent);
    unsent = "";
  };
  const ask = (...command: string[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (over) return reject(over);
      waiting.push({ resolve, reject });
      send(command);
    });
  const session: Session = { endpoint, ask, close: () => end(new Unreachable("closed", "closed by us")) };
  if (endpoint.password !== undefined) {
    // Not waited for: the requests that follow go out with it, and where it is refused they are refused for its reason.
    const reject = (error: Error) => {
      if (!passwordUnneeded(error)) refused = error;
    };
    waiting.push({ resolve: () => undefined, reject });
    send(authCommand(endpoint, endpoint.password));
  }
  return session;
}

async function dial(endpoint: Endpoint): Promise<Socket> {
  const { host, port, tls } = endpoint;
  if (!tls) return createConnection({ host, port, noDelay: true });
  const { connect } = await import("node:tls");
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  const { ca, cert, key } = tls;
  const named = tls.server_name === undefined ? {} : { servername: tls.server_name };
  return connect({ host, port, ...named, ca: read(ca), cert: read(cert), key: read(key) });
}
