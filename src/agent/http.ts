import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { contentType, exposition, processMetrics } from "../metrics/exposition.ts";
import type { HostReport } from "../model/host-report.ts";
import type { MetricsFacts } from "../model/metrics.ts";
import type { Observation } from "../model/observation.ts";
import type { Verdict } from "../model/verdict.ts";
import type { KeptFile } from "../state/kept-files.ts";
import { splitHostPort } from "../system/host-port.ts";

/** The agent's view of one cluster, as `/status` prints it. */
export interface Status {
  cluster: string;
  node: string;
  /** The virtual IP is on this host. */
  holder: boolean;
  /** Keepalived runs on this host. Without it this node can't take over. */
  keepalived: boolean;
  verdict: Verdict | undefined;
  redis: Observation | undefined;
  peers: { name: string; answers: boolean }[];
}

/** What one cluster keeps on this node, as `/kept` prints it. */
export interface KeptHere {
  cluster: string;
  node: string;
  files: Omit<KeptFile, "file">[];
}

/** What this host knows of its node, as `/host` prints it. Read at each request. */
export interface HostHere extends HostReport {
  cluster: string;
  node: string;
}

/** What is served. Each is called at a request only. */
export interface Served {
  statuses: () => Status[];
  kept: () => KeptHere[];
  hosts: () => HostHere[];
  metrics: () => Promise<MetricsFacts[]>;
}

// Limits for clients, so that their requests can't overload the agent.
const request_ms = 2000;
const maxConnections = 64;

/**
 * Serves `/metrics` for Prometheus, `/status` for people, `/kept` and `/host` for `diverged list` and `status` of the other nodes, and
 * `/master`, `/replica` and `/healthz` for load balancers. The last three answer 200 if this host is that for all of its clusters, or
 * for one with `?cluster=NAME`, else 503. Resolves once it listens, rejects if it can't.
 */
export async function serveHealth(listen: string, { statuses, kept, hosts, metrics }: Served): Promise<Server> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    // Split without new URL(), which throws for a path such as `//`.
    const [pathname = "", query = ""] = (request.url ?? "/").split("?");
    const wanted = new URLSearchParams(query).get("cluster");
    const asked = <T extends { cluster: string }>(list: T[]) =>
      list.filter(({ cluster }) => wanted === null || cluster === wanted);
    const reply = (code: number, type: string, text: string) =>
      response.writeHead(code, { "content-type": type, connection: "close" }).end(text);
    const json = (value: unknown) => reply(200, "application/json", `${JSON.stringify(value)}\n`);
    const yesIf = (fits: (status: Status) => boolean) => {
      const all = asked(statuses());
      return all.length > 0 && all.every(fits) ? reply(200, "text/plain", "yes\n") : reply(503, "text/plain", "no\n");
    };
    if (request.method !== "GET" && request.method !== "HEAD") reply(405, "text/plain", "GET only\n");
    else if (pathname === "/metrics")
      reply(200, contentType, (await exposition(asked(await metrics()))) + (await processMetrics()));
    else if (pathname === "/status") json(asked(statuses()));
    else if (pathname === "/kept") json(asked(kept()));
    else if (pathname === "/host") json(asked(hosts()));
    else if (pathname === "/master") yesIf(isServingMaster);
    else if (pathname === "/replica") yesIf(isReplica);
    else if (pathname === "/healthz") yesIf(({ verdict }) => verdict?.healthy === true);
    else reply(404, "text/plain", "not found; try /metrics, /status, /host, /kept, /master, /replica or /healthz\n");
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.requestTimeout = request_ms;
  server.headersTimeout = request_ms;
  server.maxConnections = maxConnections;
  const { host, port } = splitHostPort(listen);
  await new Promise<void>((resolve, reject) => {
    // After `listening` this rejects nothing any more: later errors are ignored.
    server.on("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}

const isServingMaster = ({ holder, redis }: Status): boolean =>
  holder && redis?.kind === "observed" && redis.role === "master";

const isReplica = ({ redis }: Status): boolean =>
  redis?.kind === "observed" && redis.role === "replica" && redis.source?.link === "up";
