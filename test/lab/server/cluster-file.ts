import { stringify } from "smol-toml";
import type * as v from "valibot";
import type { clusterSchema } from "../../../src/cluster/schema.ts";
import type { Port } from "../machine/network.ts";
import { startKeepalivedPath, startRedisPath } from "./services.ts";
import { type Certificates, tlsPaths } from "./tls.ts";

type Written = v.InferInput<typeof clusterSchema>;

/** The keys of the cluster file that a scenario sets, by section. */
export type ClusterOptions = {
  [Section in Exclude<keyof Written, "name" | "nodes">]?: Partial<Written[Section]>;
};

/** How a lab's Redis is reached. */
export interface RedisAccess {
  vip: string;
  /** Of the default user; undefined: none. */
  password: string | undefined;
  /** Clients use TLS, with a certificate of their own. */
  tls: Certificates | undefined;
}

export const clusterName = "sessions";
export const vip = "192.0.2.120";
export const passwordPath = "/etc/keepalived-redis/password";

/** The virtual IP of a lab whose cluster file has these options. */
export const vipOf = (options: ClusterOptions): string => options.vip?.address?.split("/")[0] ?? vip;

/** The cluster file of the lab, as an operator would write it. */
export function clusterFile(nodes: readonly Port[], options: ClusterOptions, { password, tls }: RedisAccess): string {
  const { vip: vipOptions, redis, commands, ...others } = options;
  return stringify({
    name: clusterName,
    vip: { address: `${vip}/24`, interface: "eth0", router_id: 51, ...vipOptions },
    redis: {
      ...(password === undefined ? {} : { password_file: passwordPath }),
      ...(tls ? { tls: tlsPaths } : {}),
      ...redis,
    },
    commands: { start_redis: [startRedisPath], start_keepalived: [startKeepalivedPath], ...commands },
    ...others,
    nodes: nodes.map(({ name, address }) => ({ name, address })),
  });
}
