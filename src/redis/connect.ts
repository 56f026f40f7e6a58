import { readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { type Endpoint, Unreachable, unreachable } from "./session.ts";

/** Gets received bytes. The buffer is reused for the next ones as soon as this returns. */
export type OnBytes = (bytes: Buffer) => void;

// The kernel repeats a lost SYN only after a second; a new attempt comes much earlier.
const attempts = 3;
// An INFO reply is 5 kB.
const readBuffer_bytes = 16 * 1024;

/** For a TLS handshake with a server that hangs: its kernel accepts a connection, and only the server answers a handshake. */
export interface Handshake {
  deadline_ms: number;
  /** Ends the attempt. */
  signal: AbortSignal;
}

/**
 * Connects a socket within `deadline_ms`, the TLS handshake included unless that has a deadline of its own. Rejects with an
 * Unreachable, or with the reason of the signal.
 */
export async function connectSocket(
  endpoint: Endpoint,
  deadline_ms: number,
  onBytes: OnBytes,
  handshake?: Handshake,
): Promise<Socket> {
  const end_ms = performance.now() + (handshake?.deadline_ms ?? deadline_ms);
  for (let left = attempts; ; left--) {
    try {
      const tls = endpoint.tls && (await import("node:tls"));
      // The error handler must be set at once: an error at connect (no route, no free port) is emitted before any promise resolves.
      return await connected(
        tls ? connectTls(tls, endpoint, onBytes) : connectTcp(endpoint, onBytes),
        endpoint,
        deadline_ms / attempts,
        end_ms,
        handshake?.signal,
      );
    } catch (error) {
      handshake?.signal.throwIfAborted();
      const failure = unreachable(endpoint, error);
      if (left === 1 || failure.why !== "timeout" || performance.now() >= end_ms) throw failure;
    }
  }
}

/** `attempt_ms`: for the connection itself. A TLS handshake, which takes long on a busy host, has until `end_ms`. */
function connected(
  socket: Socket,
  { host, port, tls }: Endpoint,
  attempt_ms: number,
  end_ms: number,
  signal?: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const aborted = () => fail(signal?.reason);
    const fail = (error: unknown) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      socket.destroy();
      reject(error);
    };
    const timedOut = (hung: boolean) =>
      new Unreachable("timeout", `${host}:${port}: no connection within the deadline`, hung);
    let done = false;
    const failIn = (ms: number, hung = false) => setTimeout(() => setImmediate(() => done || fail(timedOut(hung))), ms);
    let timer = failIn(attempt_ms);
    if (tls)
      socket.once("connect", () => {
        clearTimeout(timer);
        timer = failIn(end_ms - performance.now(), true);
      });
    socket.once("error", fail);
    signal?.addEventListener("abort", aborted);
    socket.once(tls ? "secureConnect" : "connect", () => {
      done = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      socket.off("error", fail);
      resolve(socket);
    });
  });
}

function connectTcp({ host, port }: Endpoint, onBytes: OnBytes): Socket {
  // Into one buffer (`onread`): with a stream each reply costs an agent, which asks all the time, 20 % more (measured).
  const callback = (length: number, buffer: Uint8Array) => {
    onBytes((buffer as Buffer).subarray(0, length));
    return true;
  };
  return createConnection({
    host,
    port,
    noDelay: true,
    onread: { buffer: Buffer.allocUnsafe(readBuffer_bytes), callback },
  });
}

function connectTls({ connect }: typeof import("node:tls"), { host, port, tls }: Endpoint, onBytes: OnBytes): Socket {
  const file = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  const { ca, cert, key, server_name } = tls ?? {};
  const named = server_name === undefined ? {} : { servername: server_name };
  return connect({ host, port, ...named, ca: file(ca), cert: file(cert), key: file(key) }).on("data", onBytes);
}
