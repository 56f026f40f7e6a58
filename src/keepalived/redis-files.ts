import { createHash } from "node:crypto";
import aclConf from "../../keepalived-templates/acl.conf.hbs";
import redisConf from "../../keepalived-templates/redis.conf.hbs";
import sentinelConf from "../../keepalived-templates/sentinel.conf.hbs";
import { CommandRefused } from "../cluster/errors.ts";
import { aclRules, redisRights, sentinelRights } from "../decide/redis-rights.ts";
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

/** sentinel.conf, the same for all Sentinels; `node` is the present master. Throws CommandRefused where Sentinel could not use it. */
export function sentinel({ cluster, node, redisPassword }: RenderInput): string {
  const { port, username, password_file, tls } = cluster.redis;
  if (tls && (tls.cert === undefined || tls.key === undefined))
    throw new CommandRefused(
      "Sentinel speaks TLS only with a certificate of its own, and the cluster file names none",
      {
        remedy: "set cert and key under [redis.tls], to files that each Sentinel's host has",
      },
    );
  // It writes the password back without quotes, and does not start again (7.0.15).
  if (redisPassword !== undefined && /[\s"']/.test(redisPassword))
    throw new CommandRefused("Sentinel can't keep a password with spaces or quotes", {
      remedy: "give Redis another one first, on all nodes, and write it into redis.password_file",
    });
  return fill(sentinelConf, {
    cluster: cluster.name,
    node: node.name,
    address: node.address,
    port,
    username: username ?? "",
    rights: sentinelRights.join(" "),
    password_file: password_file ?? "",
    password: redisPassword ?? "",
    tls: tls !== undefined,
    tls_ca: tls?.ca ?? "",
    tls_cert: tls?.cert ?? "",
    tls_key: tls?.key ?? "",
  });
}

/** A text as redis.conf reads it back. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;
