import type { Lab } from "../lab.ts";
import type { Server } from "../server/server.ts";
import type { DemoOutput } from "./demo-output.ts";

const boxWidth = 24;
const boxDistance = 12;
const edge = `+${"-".repeat(boxWidth + 2)}+`;

interface NodeState {
  server: Server;
  holdsVip: boolean;
  role: "master" | "replica" | "none";
  inSync: boolean;
  rows: string[];
}

/** Prints the state of the two nodes as boxes: VIP, roles, replication and snapshots. */
export async function printNodeDiagram({ server11, server12, client, vip }: Lab, output: DemoOutput): Promise<void> {
  const [left, right] = await Promise.all([stateOf(server11), stateOf(server12)]);
  const centre = ({ server }: NodeState) => 1 + boxWidth / 2 + (server === server12 ? edge.length + boxDistance : 0);
  output.line();
  for (const holder of [left, right].filter(({ holdsVip }) => holdsVip)) {
    for (const text of [`application ${client.address}`, "|", `VIP ${vip}`, "|"]) {
      output.line(output.style("green", " ".repeat(centre(holder) - Math.floor(text.length / 2)) + text));
    }
  }
  const box = ({ rows }: NodeState) => [edge, ...rows.map((row) => `| ${row.padEnd(boxWidth)} |`), edge];
  const rightBox = box(right);
  box(left).forEach((text, index) => {
    output.line(text + (index === 2 ? arrow(left, right) : "").padEnd(boxDistance) + (rightBox[index] ?? ""));
  });
  output.line();
}

function arrow(left: NodeState, right: NodeState): string {
  if (left.role === "master" && right.inSync) return "  copies -> ";
  return right.role === "master" && left.inSync ? "  <- copies " : "";
}

async function stateOf(server: Server): Promise<NodeState> {
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
