import type { Cluster } from "../cluster/schema.ts";
import { hostAddresses } from "../system/host-addresses.ts";

/**
 * Whether the virtual IP is on this host, which is the truth about who is holder: Keepalived adds it before it calls
 * notify_master and removes it before any other hook.
 */
export function holdsVip(cluster: Cluster, addresses = hostAddresses()): boolean {
  return addresses.includes(vipOf(cluster));
}

/** The address without its prefix length, as the kernel writes it. */
export const vipOf = ({ vip }: Cluster): string => canonical(vip.address.split("/")[0] ?? "");

// The kernel writes IPv6 addresses in one way only; a cluster file may write them in many.
const canonical = (address: string): string =>
  address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
