/** What a scenario may say about the Redis servers of its lab. */
export interface RedisOptions {
  /** The recommended line, `replicaof 127.0.0.1 1`: a server that starts is parked until a hook has looked. Default: true. */
  replicaofLine?: boolean;
  /** Snapshot rules such as `3600 1`; none by default. */
  save?: string;
  /** false: no password at all. */
  password?: string | false;
  /** More lines of redis.conf. */
  conf?: readonly string[];
}

export const redisPort = 6379;
export const socketPath = "/run/redis/redis.sock";
export const pidPath = "/run/redis/redis.pid";

export function redisConf({ replicaofLine = true, save, password, conf = [] }: RedisOptions): string {
  const secret = typeof password === "string" ? [`requirepass ${password}`, `masterauth ${password}`] : [];
  return [
    // The VIP comes and goes: Redis must not be bound to the addresses of the moment.
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
    ...conf,
    "",
  ].join("\n");
}

/** As a service manager: what runs already is left alone. Arguments go to redis-server, such as --replicaof. */
export const startRedisScript = `#!/bin/sh
pid=$(cat ${pidPath} 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = redis-server ] && exit 0
mkdir -p /run/redis /var/lib/redis
exec redis-server /etc/redis/redis.conf --daemonize yes "$@"
`;
