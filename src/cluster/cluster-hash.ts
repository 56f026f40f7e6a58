import { createHash } from "node:crypto";
import type { Cluster } from "./schema.ts";

const length = 16;

/**
 * Equal on two nodes whose cluster files say the same: comments, order and defaults do not count. The VRRP password is left out, since
 * whoever reads this hash could try eight letters.
 */
export function clusterHash(cluster: Cluster): string {
  const { auth_password: _, ...vip } = cluster.vip;
  return createHash("sha256")
    .update(JSON.stringify({ ...cluster, vip }))
    .digest("hex")
    .slice(0, length);
}
