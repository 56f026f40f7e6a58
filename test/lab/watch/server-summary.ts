import type { Server } from "../server/server.ts";

const longest = 240;

function tail(text: string, lines: number): string {
  const all = text.trimEnd().split("\n");
  // Keepalived writes ten of these at each take-over.
  const telling = all.filter((line) => !/Sending gratuitous ARP on/.test(line));
  return telling
    .slice(-lines)
    .map((line) => (line.length > longest ? `${line.slice(0, longest)}...` : line))
    .join("\n");
}

/** Who is what, one line a server. */
export async function describeServers(servers: readonly Server[]): Promise<string> {
  const lines = await Promise.all(servers.map(describe));
  return lines.join("\n");
}

async function describe(server: Server): Promise<string> {
  if (!server.isOn) return `${server.name}: powered off`;
  return [
    `${server.name}: ${server.holdsVip() ? "holds the VIP" : "without the VIP"}`,
    `Keepalived ${server.keepalivedRuns ? `runs, ${server.vrrpState() ?? "no state yet"}` : "is not running"}`,
    `Redis ${await redisOf(server)}`,
  ].join("; ");
}

async function redisOf(server: Server): Promise<string> {
  if (!server.redisRuns) return "is not running";
  const info = await server.info();
  if (!info) return "runs and does not answer";
  const { role, master_repl_offset: offset, connected_slaves: replicas, loading } = info;
  const link = `of ${info.master_host}, link ${info.master_link_status}`;
  const what = role === "master" ? `is master of ${replicas}` : `is a replica ${link}`;
  return `${what}, offset ${offset}${loading === "1" ? ", loading" : ""}`;
}

/** The ends of all logs, for a scenario that failed. */
export function logTails(servers: readonly Server[], lines = 40): string {
  return servers
    .flatMap((server) => [
      `--- ${server.name}: log`,
      tail(server.logText(), 2 * lines),
      `--- ${server.name}: Keepalived`,
      tail(server.keepalivedLog(), lines),
      `--- ${server.name}: Redis`,
      tail(server.redisLog(), lines / 2),
    ])
    .join("\n");
}
