import type { Cluster, Node } from "../cluster/schema.ts";
import type { UnreachableCause } from "../model/observation.ts";

/** The address of one Redis and the credentials for it. */
export interface Endpoint {
  host: string;
  port: number;
  /** The path of a Unix socket, which is used instead of host and port. */
  socket?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
  tls?: Cluster["redis"]["tls"];
}

/** One connection to one Redis. `ask` rejects with a ReplyError (an error reply) or an Unreachable (no reply). */
export interface Session {
  endpoint: Endpoint;
  ask(...command: string[]): Promise<unknown>;
  close(): void;
}

/** Opens a session. Connecting, and each later request, ends within `deadline_ms`. */
export type OpenSession = (endpoint: Endpoint, deadline_ms: number) => Promise<Session>;

/** No answer, or an answer that is not from Redis. */
export class Unreachable extends Error {
  readonly why: UnreachableCause;
  /** Its host accepted the connection, and then no reply came. */
  readonly hung: boolean;
  constructor(why: UnreachableCause, detail: string, hung = false) {
    super(detail);
    this.name = "Unreachable";
    this.why = why;
    this.hung = hung;
  }
}

/** Redis answered with an error; `code` is its first word (`NOAUTH`, `LOADING`, `READONLY`, ...). */
export class ReplyError extends Error {
  readonly code: string;
  constructor(message: string) {
    super(message);
    this.name = "ReplyError";
    this.code = message.split(" ", 1)[0] ?? "";
  }
}

export const authCommand = ({ username }: Endpoint, password: string): string[] =>
  username === undefined ? ["AUTH", password] : ["AUTH", username, password];

/** AUTH failed because the server has no password. That is no problem, as with redis-cli. */
export const passwordNotNeeded = (error: Error): boolean =>
  error instanceof ReplyError && error.message.includes("without any password");

/** The error that a server sends to a new connection, before it closes it, when `maxclients` is reached. */
export const fullUp = (error: Error): boolean => error.message.includes("max number of clients");

export function endpointOf(cluster: Cluster, node: Node, password: string | undefined): Endpoint {
  const { port, username, tls } = cluster.redis;
  return { host: node.address, port, username, password, tls };
}

const causes: Record<string, UnreachableCause> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "closed",
  EPIPE: "closed",
  ETIMEDOUT: "timeout",
  EHOSTUNREACH: "no-route",
  ENETUNREACH: "no-route",
  EHOSTDOWN: "no-route",
};

/** The Unreachable that a socket error stands for. */
export function unreachable(endpoint: Endpoint, error: unknown): Unreachable {
  if (error instanceof Unreachable) return error;
  const code = String((error as NodeJS.ErrnoException)?.code ?? "");
  const why = causes[code] ?? (/^(ERR_(TLS|SSL)|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO)/.test(code) ? "tls" : "closed");
  return new Unreachable(
    why,
    `${endpoint.host}:${endpoint.port}: ${code || String((error as Error)?.message ?? error)}`,
  );
}
