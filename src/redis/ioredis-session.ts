import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import {
  authCommand,
  type Endpoint,
  passwordNotNeeded,
  ReplyError,
  type Session,
  Unreachable,
  unreachable,
} from "./session.ts";

/**
 * A session with ioredis, for the commands that an operator or systemd starts. The defaults of ioredis are for applications (10 s
 * to connect, 20 retries, an offline queue), and each command of its handshake has a time-out of its own. So RESP2 without
 * client info is used, with one deadline for connecting. `deadline_ms` also limits each later command.
 */
export async function openIoredis(endpoint: Endpoint, deadline_ms: number): Promise<Session> {
  const client = await connect(endpoint, deadline_ms);
  const ask = async (...command: string[]) => {
    const [name = "", ...args] = command;
    try {
      return await client.call(name, ...args);
    } catch (error) {
      throw translated(endpoint, error);
    }
  };
  return { endpoint, ask, close: () => client.disconnect() };
}

/** A session whose words and replies are bytes: keys and values may be anything. */
export interface BinarySession {
  ask(words: readonly Buffer[]): Promise<unknown>;
  close(): void;
}

/** As `openIoredis`, for bytes. */
export async function openBinary(endpoint: Endpoint, deadline_ms: number): Promise<BinarySession> {
  const client = await connect(endpoint, deadline_ms);
  const ask = async ([name = Buffer.alloc(0), ...args]: readonly Buffer[]) => {
    try {
      return await client.callBuffer(name.toString("latin1"), ...args);
    } catch (error) {
      throw translated(endpoint, error);
    }
  };
  return { ask, close: () => client.disconnect() };
}

async function connect(endpoint: Endpoint, deadline_ms: number): Promise<Redis> {
  const { host, port, socket, password } = endpoint;
  const client = new Redis({
    ...(socket === undefined ? { host, port } : { path: socket }),
    ...tlsOptions(endpoint),
    protocol: 2,
    disableClientInfo: true,
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    connectTimeout: deadline_ms,
    commandTimeout: deadline_ms,
    noDelay: true,
  });
  // Only this event has the cause; the rejected promise says no more than that the connection is closed.
  let cause: unknown;
  client.on("error", (error: unknown) => {
    cause ??= error;
  });
  try {
    await within(deadline_ms, endpoint, client.connect());
    // Not done by ioredis: after a rejected password it prints a warning to the console and goes on.
    if (password !== undefined) {
      const [name = "", ...args] = authCommand(endpoint, password);
      await client.call(name, ...args).catch((error: unknown) => unlessNotNeeded(translated(endpoint, error)));
    }
    return client;
  } catch (error) {
    client.disconnect();
    throw error instanceof ReplyError ? error : translated(endpoint, cause ?? error);
  }
}

function unlessNotNeeded(error: Error): void {
  if (!passwordNotNeeded(error)) throw error;
}

function tlsOptions({ tls }: Endpoint) {
  if (!tls) return {};
  const { ca, cert, key, server_name: servername } = tls;
  return {
    tls: {
      ...(servername === undefined ? {} : { servername }),
      ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
      ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
      ...(key === undefined ? {} : { key: readFileSync(key) }),
    },
  };
}

function translated(endpoint: Endpoint, error: unknown): Error {
  if (error instanceof Error && error.name === "ReplyError") return new ReplyError(error.message);
  if (error instanceof Error && /timed out|ETIMEDOUT/i.test(error.message)) return timedOut(endpoint);
  return unreachable(endpoint, error);
}

const timedOut = ({ host, port }: Endpoint) =>
  new Unreachable("timeout", `${host}:${port}: no answer within the deadline`);

function within<T>(deadline_ms: number, endpoint: Endpoint, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(timedOut(endpoint)), deadline_ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
