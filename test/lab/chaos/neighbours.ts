import { monotonic_ms, sleep } from "../machine/process.ts";
import type { Server } from "../server/server.ts";

const interval_ms = 10;
// The kernel sends three ARP requests, a second apart, and starts again with the next packet.
const deadline_ms = 4000;

/**
 * Waits until the hosts know each other's hardware addresses. A host that was booted while the link was cut sends an ARP request
 * only once a second (arp(7), retrans_time). So its first packet leaves up to a second after the link is restored: 6 to 809 ms
 * measured, and 2 to 49 ms if it knew the address. Until then the hosts can't reach each other.
 */
export async function waitForNeighbours(servers: readonly Server[]): Promise<void> {
  const end_ms = monotonic_ms() + deadline_ms;
  while (monotonic_ms() < end_ms) {
    const unknown = await Promise.all(servers.map((server) => lacksNeighbour(server, servers)));
    if (!unknown.includes(true)) return;
    await sleep(interval_ms);
  }
}

async function lacksNeighbour(server: Server, servers: readonly Server[]): Promise<boolean> {
  if (!server.isOn) return false;
  const { stdout } = await server.exec(["ip", "neigh", "show", "nud", "incomplete"]);
  return servers.some(({ address }) => stdout.split("\n").some((line) => line.startsWith(`${address} `)));
}
