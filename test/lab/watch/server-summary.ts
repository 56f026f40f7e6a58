import type { Server } from "../server/server.ts";

const maxLine = 240;

function lastLines(text: string, count: number): string {
  const all = text.trimEnd().split("\n");
  // Keepalived writes ten of these at each take-over.
  const useful = all.filter((line) => !/Sending gratuitous ARP on/.test(line));
  return useful
    .slice(-count)
    .map((line) => (line.length > maxLine ? `${line.slice(0, maxLine)}...` : line))
    .join("\n");
}

/** The state of VIP, Keepalived and Redis, one line for each server. Never rejects: it describes failures. */
export async function summarizeServers(servers: readonly Server[]): Promise<string> {
  const lines = await Promise.all(
    servers.map((server) => summaryOf(server).catch((error: Error) => `${server.name}: ${error.message}`)),
  );
  return lines.join("\n");
}

async function summaryOf(server: Server): Promise<string> {
  if (!server.isOn) return `${server.name}: powered off`;
  return [
    `${server.name}: ${server.holdsVip() ? "holds the VIP" : "without the VIP"}`,
    `Keepalived ${server.keepalivedRuns ? `runs, ${server.vrrpState() ?? "no state yet"}` : "is not running"}`,
    `Redis ${await redisState(server)}`,
  ].join("; ");
}

async function redisState(server: Server): Promise<string> {
  if (!server.redisRuns) return "is not running";
  const info = await server.info();
  if (!info) return "runs and does not answer";
  const { role, master_repl_offset: offset, connected_slaves: replicas, loading } = info;
  const link = `of ${info.master_host}, link ${info.master_link_status}`;
  const what = role === "master" ? `is master of ${replicas}` : `is a replica ${link}`;
  return `${what}, offset ${offset}${loading === "1" ? ", loading" : ""}`;
}

/** The last lines of all logs, for a scenario that failed. */
export function logTails(servers: readonly Server[], lines = 40): string {
  return servers
    .flatMap((server) => [
      `--- ${server.name}: log`,
      lastLines(server.logText(), 2 * lines),
      `--- ${server.name}: Keepalived`,
      lastLines(server.keepalivedLog(), lines),
      `--- ${server.name}: Redis`,
      lastLines(server.redisLog(), lines / 2),
    ])
    .join("\n");
}
