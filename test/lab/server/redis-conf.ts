import { redisProgram } from "../../programs.ts";
import { tlsLines } from "./tls.ts";

/** Options of a scenario for the Redis servers of its lab. */
export interface RedisOptions {
  /** The recommended line `replicaof 127.0.0.1 1`: a server starts parked. Default: true. */
  replicaofLine?: boolean;
  /** Snapshot rules such as `3600 1`; none by default. */
  save?: string;
  /** false: no password at all. */
  password?: string | false;
  /** TLS alone, with certificates from both sides. */
  tls?: boolean;
  /** More lines of redis.conf. */
  conf?: readonly string[];
}

export const redisPort = 6379;
export const socketPath = "/run/redis/redis.sock";
export const pidPath = "/run/redis/redis.pid";

export function redisConf(options: RedisOptions, password: string | undefined): string {
  const { replicaofLine = true, save, tls = false, conf = [] } = options;
  const secret = password !== undefined ? [`requirepass ${password}`, `masterauth ${password}`] : [];
  return [
    // The VIP moves, so Redis must not be bound to the present addresses.
    "bind 0.0.0.0",
    "protected-mode no",
    `port ${redisPort}`,
    `unixsocket ${socketPath}`,
    `pidfile ${pidPath}`,
    "logfile /var/log/redis.log",
    "dir /var/lib/redis",
    `save "${save ?? ""}"`,
    "repl-backlog-ttl 0",
    ...secret,
    ...(replicaofLine ? ["replicaof 127.0.0.1 1"] : []),
    ...(tls ? tlsLines(redisPort) : []),
    ...conf,
    "",
  ].join("\n");
}

/** Does nothing if Redis runs already, as a service manager. Arguments such as --replicaof are passed to redis-server. */
export const startRedisScript = `#!/bin/sh
pid=$(cat ${pidPath} 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = ${redisProgram("server")} ] && exit 0
mkdir -p /run/redis /var/lib/redis
exec ${redisProgram("server")} /etc/redis/redis.conf --daemonize yes "$@"
`;
