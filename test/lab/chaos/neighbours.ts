import { monotonic_ms, sleep } from "../machine/process.ts";
import type { Server } from "../server/server.ts";

const look_ms = 10;
// The kernel asks three times, a second apart, and then begins anew with the next packet.
const longest_ms = 4000;

/**
 * Resolves once each host can send packets to the other. A host that was booted while the link was cut asks for the other's
 * hardware address once a second only (arp(7), retrans_time), so its first packet goes out up to a second after the link is
 * whole: 6 to 809 ms measured, against 2 to 49 where it knew the address. Until then they don't see each other.
 */
export async function inSight(servers: readonly Server[]): Promise<void> {
  const end_ms = monotonic_ms() + longest_ms;
  while (monotonic_ms() < end_ms) {
    const asking = await Promise.all(servers.map((server) => asksForNeighbours(server, servers)));
    if (!asking.includes(true)) return;
    await sleep(look_ms);
  }
}

async function asksForNeighbours(server: Server, servers: readonly Server[]): Promise<boolean> {
  if (!server.isOn) return false;
  const { stdout } = await server.exec(["ip", "neigh", "show", "nud", "incomplete"]);
  return servers.some(({ address }) => stdout.split("\n").some((line) => line.startsWith(`${address} `)));
}
