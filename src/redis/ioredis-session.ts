import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
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
 * A session on ioredis, for whatever a person or systemd starts. Its defaults suit an application and not a hook (10 s to
 * connect, 20 retries, an offline queue), and each handshake command gets a time-out of its own: hence RESP2
 * without client info, and one deadline of ours around connecting. `deadline_ms` also bounds each later command.
 */
export async function openIoredis(endpoint: Endpoint, deadline_ms: number): Promise<Session> {
  const { host, port } = endpoint;
  const client = new Redis({
    host,
    port,
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
  // ioredis tells the cause only here; the rejected promise just says that the connection is closed.
  let cause: unknown;
  client.on("error", (error: unknown) => {
    cause ??= error;
  });
  const ask = async (...command: string[]) => {
    const [name = "", ...args] = command;
    try {
      return await client.call(name, ...args);
    } catch (error) {
      throw translated(endpoint, error);
    }
  };
  const session: Session = { endpoint, ask, close: () => client.disconnect() };
  try {
    await within(deadline_ms, endpoint, client.connect());
    // Not left to ioredis, which prints a refused password to the console and goes on without it.
    const { password } = endpoint;
    if (password !== undefined) await ask(...authCommand(endpoint, password)).catch(unlessUnneeded);
    return session;
  } catch (error) {
    session.close();
    throw error instanceof ReplyError ? error : translated(endpoint, cause ?? error);
  }
}

function unlessUnneeded(error: Error): void {
  if (!passwordUnneeded(error)) throw error;
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
  if (error instanceof Error && /timed out|ETIMEDOUT/i.test(error.message)) return late(endpoint);
  return unreachable(endpoint, error);
}

const late = ({ host, port }: Endpoint) => new Unreachable("timeout", `${host}:${port}: no answer in time`);

function within<T>(deadline_ms: number, endpoint: Endpoint, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late(endpoint)), deadline_ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
