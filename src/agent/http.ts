import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Counter, Gauge, Registry } from "prom-client";
import type { Observation } from "../model/observation.ts";
import type { Verdict } from "../model/verdict.ts";

/** What the agent knows of one cluster, as `/status` tells it. */
export interface Status {
  cluster: string;
  node: string;
  /** The virtual IP is on this host. */
  holder: boolean;
  /** Keepalived runs on this host: without it this node takes nothing over. */
  keepalived: boolean;
  verdict: Verdict | undefined;
  redis: Observation | undefined;
  peers: { name: string; answers: boolean }[];
}

/** How long a client may take to ask, and how many may do so at once: a health check must never be a way to tire us. */
const request_ms = 2000;
const mostConnections = 64;

/**
 * `/metrics` for Prometheus, `/status` for people, and `/master` and `/replica` for load balancers: 200 where this host is
 * that for every cluster it serves (of one, with `?cluster=NAME`), else 503. Resolves once it listens, rejects where it can't.
 */
export async function serveHealth(listen: string, statuses: () => Status[]): Promise<Server> {
  const metrics = metricsOf(statuses);
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    // Taken apart by hand: new URL() throws for a path such as `//`, and whoever can ask must not be able to end us.
    const [pathname = "", query = ""] = (request.url ?? "/").split("?");
    const wanted = new URLSearchParams(query).get("cluster");
    const all = statuses().filter(({ cluster }) => wanted === null || cluster === wanted);
    const say = (code: number, type: string, text: string) =>
      response.writeHead(code, { "content-type": type, connection: "close" }).end(text);
    const yes = (fits: (status: Status) => boolean) =>
      all.length > 0 && all.every(fits) ? say(200, "text/plain", "yes\n") : say(503, "text/plain", "no\n");
    if (request.method !== "GET" && request.method !== "HEAD") say(405, "text/plain", "GET only\n");
    else if (pathname === "/metrics") say(200, metrics.contentType, await metrics.metrics());
    else if (pathname === "/status") say(200, "application/json", `${JSON.stringify(all)}\n`);
    else if (pathname === "/master") yes(isServingMaster);
    else if (pathname === "/replica") yes(isReplica);
    else if (pathname === "/healthz") yes(({ verdict }) => verdict?.healthy === true);
    else say(404, "text/plain", "there are /metrics, /status, /master, /replica and /healthz\n");
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.requestTimeout = request_ms;
  server.headersTimeout = request_ms;
  server.maxConnections = mostConnections;
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(listen) ?? [];
  await new Promise<void>((resolve, reject) => {
    // Once it listens, an error is one client's.
    server.on("error", reject);
    server.listen(Number(port), host, resolve);
  });
  return server;
}

const isServingMaster = ({ holder, redis }: Status): boolean =>
  holder && redis?.kind === "observed" && redis.role === "master";

const isReplica = ({ redis }: Status): boolean =>
  redis?.kind === "observed" && redis.role === "replica" && redis.source?.link === "up";

function metricsOf(statuses: () => Status[]): Registry {
  const registry = new Registry();
  const gauge = (name: string, help: string, value: (status: Status) => number | undefined) =>
    new Gauge({
      name: `keepalived_redis_${name}`,
      help,
      labelNames: ["cluster", "node"],
      registers: [registry],
      collect() {
        this.reset();
        for (const status of statuses()) {
          const now = value(status);
          if (now !== undefined) this.set({ cluster: status.cluster, node: status.node }, now);
        }
      },
    });
  const seen = ({ redis }: Status) => (redis?.kind === "observed" ? redis : undefined);
  gauge("holder", "1 while the virtual IP is on this host", ({ holder }) => Number(holder));
  gauge("keepalived_running", "1 while Keepalived runs on this host", ({ keepalived }) => Number(keepalived));
  gauge("fit", "1 while this node may hold the virtual IP", ({ verdict }) => verdict && Number(verdict.healthy));
  gauge("master", "1 while Redis here is a master", (status) => {
    const redis = seen(status);
    return redis && Number(redis.role === "master");
  });
  gauge("replication_offset_bytes", "Place in the stream of writes", (status) => seen(status)?.history.offset);
  gauge("keys", "Keys in all databases", (status) => seen(status)?.keys);
  gauge("replicas", "Replicas that are in sync with this master", (status) => {
    const redis = seen(status);
    return redis?.role === "master" ? redis.replicas.filter(({ online }) => online).length : undefined;
  });
  gauge(
    "peers_answering",
    "Other nodes whose Redis answers this host",
    ({ peers }) => peers.filter((one) => one.answers).length,
  );
  new Counter({
    name: "keepalived_redis_cpu_seconds_total",
    help: "CPU time of the agent itself",
    registers: [registry],
    collect() {
      this.reset();
      const { user, system } = process.cpuUsage();
      this.inc((user + system) / 1e6);
    },
  });
  return registry;
}
