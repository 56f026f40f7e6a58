import spawn from "nano-spawn";
import type { Cluster, Node } from "../cluster/schema.ts";

const deadline_ms = 2000;

/** Takes the virtual IP off this host, as Keepalived would have. Rejects when ip(8) can't. */
export async function dropVip({ vip }: Cluster, node: Node): Promise<void> {
  await spawn("ip", ["address", "del", vip.address, "dev", node.interface ?? vip.interface], {
    timeout: deadline_ms,
    stdin: "ignore",
  });
}
