import { readFileSync } from "node:fs";
import type { Service } from "./daemon.ts";
import { pidPath } from "./redis-conf.ts";

/** Where an installer would put them; the cluster file names these two. */
export const startRedisPath = "/opt/lab/start-redis";
export const startKeepalivedPath = "/opt/lab/start-keepalived";
export const startAgentPath = "/opt/lab/start-agent";
export const agentLog = "/var/log/agent.log";

export const redisService: Service = {
  name: "redis-server",
  startCommand: [startRedisPath],
  // A child that writes a snapshot may have the same name, and outlives a kill -9 of the server.
  isOurs: ({ hostPid }, host) => Number(readFileSync(host.at(pidPath), "utf8")) === hostPid,
};

/** As systemd would start it: it runs in the foreground, and what it prints goes to the journal. */
export const startAgentScript = `#!/bin/sh
setsid /opt/keepalived-redis/agent "$@" </dev/null >>${agentLog} 2>&1 &
`;

// Its process.title, cut off by the kernel.
export const agentService: Service = { name: "keepalived-redi", startCommand: [startAgentPath] };

export const keepalivedService: Service = { name: "keepalived", startCommand: [startKeepalivedPath] };
