import spawn from "nano-spawn";
import type { Cluster, Node } from "../cluster/schema.ts";

const deadline_ms = 2000;

/** Removes the virtual IP from this host, as Keepalived does. Rejects when ip(8) fails. */
export async function dropVip({ vip }: Cluster, node: Node): Promise<void> {
  await spawn("ip", ["address", "del", vip.address, "dev", node.interface ?? vip.interface], {
    timeout: deadline_ms,
    stdin: "ignore",
  });
}
