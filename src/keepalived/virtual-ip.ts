import type { Cluster } from "../cluster/schema.ts";
import { hostAddresses } from "../system/host-addresses.ts";

/**
 * Whether this host has the virtual IP, so whether this node is the holder: Keepalived adds it before it calls notify_master, and
 * removes it before it calls notify_backup or notify_fault.
 */
export function holdsVip(cluster: Cluster, addresses = hostAddresses()): boolean {
  return addresses.includes(vipOf(cluster));
}

/** The virtual IP without its prefix length, in the kernel's notation. */
export const vipOf = ({ vip }: Cluster): string => canonical(vip.address.split("/")[0] ?? "");

// IPv6 addresses can be written in many ways; the kernel uses one.
const canonical = (address: string): string =>
  address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
