import { createHash } from "node:crypto";
import aclConf from "../../keepalived-templates/acl.conf.hbs";
import redisConf from "../../keepalived-templates/redis.conf.hbs";
import { CommandRefused } from "../cluster/errors.ts";
import { aclRules, redisRights } from "../decide/redis-rights.ts";
import { fill, type RenderInput } from "./template.ts";

/** Lines for redis.conf. A Redis user of our own (`redis.username`) is in another file, see `acl`. */
export function redis({ cluster, node, redisPassword }: RenderInput): string {
  const { port, username, password_file, persistence, tls } = cluster.redis;
  return fill(redisConf, {
    cluster: cluster.name,
    node: node.name,
    port,
    username: username ?? "",
    password_file: password_file ?? "",
    password: redisPassword === undefined || username !== undefined ? "" : quoted(redisPassword),
    replica_persists: persistence === "replica",
    tls: tls !== undefined,
    tls_ca: tls?.ca ?? "",
    tls_cert: tls?.cert ?? "",
    tls_key: tls?.key ?? "",
  });
}

/** Lines for redis.conf with the user of `redis.username`. Throws CommandRefused where there is none. */
export function acl({ cluster, redisPassword }: RenderInput): string {
  const { username, password_file } = cluster.redis;
  if (username === undefined || redisPassword === undefined || password_file === undefined)
    throw new CommandRefused("the cluster file names no user of Redis", {
      remedy: 'set username = "failover" and password_file under [redis], on all nodes',
    });
  return fill(aclConf, {
    cluster: cluster.name,
    username,
    password_file,
    hash: createHash("sha256").update(redisPassword).digest("hex"),
    failover: aclRules(redisRights.failover).join(" "),
    doctor: aclRules(redisRights.doctor).join(" "),
    drill: aclRules(redisRights.drill).join(" "),
    diverged: aclRules(redisRights.diverged).join(" "),
  });
}

/** A text as redis.conf reads it back. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;
