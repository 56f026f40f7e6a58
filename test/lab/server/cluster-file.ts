import { stringify } from "smol-toml";
import type * as v from "valibot";
import type { clusterSchema } from "../../../src/cluster/schema.ts";
import type { Port } from "../machine/network.ts";
import { startKeepalivedPath, startRedisPath } from "./services.ts";

type Written = v.InferInput<typeof clusterSchema>;

/** The keys of the cluster file that a scenario sets, by section. */
export type ClusterOptions = {
  [Section in Exclude<keyof Written, "name" | "nodes">]?: Partial<Written[Section]>;
};

export const clusterName = "sessions";
export const vip = "192.0.2.120";
export const passwordPath = "/etc/keepalived-redis/password";

/** The cluster file of the lab, as an operator would write it. */
export function clusterFile(nodes: readonly Port[], options: ClusterOptions, hasPassword: boolean): string {
  const { vip: vipOptions, redis, commands, ...others } = options;
  return stringify({
    name: clusterName,
    vip: { address: `${vip}/24`, interface: "eth0", router_id: 51, ...vipOptions },
    redis: { ...(hasPassword ? { password_file: passwordPath } : {}), ...redis },
    commands: { start_redis: [startRedisPath], start_keepalived: [startKeepalivedPath], ...commands },
    ...others,
    nodes: nodes.map(({ name, address }) => ({ name, address })),
  });
}
