import type { Lab } from "../lab.ts";
import type { Server } from "../server/server.ts";
import type { Screen } from "./screen.ts";

const inner = 24;
const between = 12;
const edge = `+${"-".repeat(inner + 2)}+`;

interface Seen {
  server: Server;
  holdsVip: boolean;
  role: "master" | "replica" | "none";
  inSync: boolean;
  rows: string[];
}

/** Draws the two nodes as they are at this moment: who holds the VIP, who is master, who copies, who writes snapshots. */
export async function drawNodes({ server11, server12, client, vip }: Lab, screen: Screen): Promise<void> {
  const [left, right] = await Promise.all([see(server11), see(server12)]);
  const centre = ({ server }: Seen) => 1 + inner / 2 + (server === server12 ? edge.length + between : 0);
  screen.line();
  for (const holder of [left, right].filter(({ holdsVip }) => holdsVip)) {
    for (const text of [`application ${client.address}`, "|", `VIP ${vip}`, "|"]) {
      screen.line(screen.style("green", " ".repeat(centre(holder) - Math.floor(text.length / 2)) + text));
    }
  }
  const side = ({ rows }: Seen) => [edge, ...rows.map((row) => `| ${row.padEnd(inner)} |`), edge];
  const others = side(right);
  side(left).forEach((text, index) => {
    screen.line(text + (index === 2 ? arrow(left, right) : "").padEnd(between) + (others[index] ?? ""));
  });
  screen.line();
}

function arrow(left: Seen, right: Seen): string {
  if (left.role === "master" && right.inSync) return "  copies -> ";
  return right.role === "master" && left.inSync ? "  <- copies " : "";
}

async function see(server: Server): Promise<Seen> {
  const [role, inSync, save] = await Promise.all([
    server.role(),
    server.inSync(),
    server.redis("CONFIG", "GET", "save").catch(() => undefined),
  ]);
  const snapshots = !Array.isArray(save) ? "" : `snapshots   ${save[1] === "" ? "off" : "on"}`;
  const rows = [
    `${server.name}    ${server.address}`,
    `Redis       ${role === "none" ? "not running" : role}`,
    `Keepalived  ${server.vrrpState() ?? "no state yet"}`,
    snapshots,
  ];
  return { server, holdsVip: server.holdsVip(), role, inSync, rows };
}
