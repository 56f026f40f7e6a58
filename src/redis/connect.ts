import { readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { type Endpoint, Unreachable, unreachable } from "./session.ts";

/** Takes what came; the bytes are the socket's, and others when it returns. */
export type Read = (bytes: Buffer) => void;

// The kernel repeats a lost SYN only after a second; we dial anew well before that.
const dials = 3;
// INFO is 5 kB.
const readAtOnce = 16 * 1024;

/** A connected socket, within `deadline_ms`. Rejects with an Unreachable. */
export async function dial(endpoint: Endpoint, deadline_ms: number, read: Read): Promise<Socket> {
  for (let left = dials; ; left--) {
    try {
      const tls = endpoint.tls && (await import("node:tls"));
      // Heard from at once: a connect that fails where it is called (no route, no free port) tells so before any promise resolves.
      return await connected(
        tls ? plugInTls(tls, endpoint, read) : plugIn(endpoint, read),
        endpoint,
        deadline_ms / dials,
      );
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

function plugIn({ host, port }: Endpoint, read: Read): Socket {
  // Into one buffer of ours: as a stream each reply costs an agent that asks ten times a second a fifth more (measured).
  const callback = (length: number, buffer: Uint8Array) => {
    read((buffer as Buffer).subarray(0, length));
    return true;
  };
  return createConnection({
    host,
    port,
    noDelay: true,
    onread: { buffer: Buffer.allocUnsafe(readAtOnce), callback },
  });
}

function plugInTls({ connect }: typeof import("node:tls"), { host, port, tls }: Endpoint, read: Read): Socket {
  const file = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  const { ca, cert, key, server_name } = tls ?? {};
  const named = server_name === undefined ? {} : { servername: server_name };
  return connect({ host, port, ...named, ca: file(ca), cert: file(cert), key: file(key) }).on("data", read);
}
