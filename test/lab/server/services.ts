import { readIfPresent } from "../../../src/system/read-file.ts";
import { redisProgram } from "../../programs.ts";
import type { Service } from "./daemon.ts";
import { pidPath } from "./redis-conf.ts";

/** The cluster file names the first two. */
export const startRedisPath = "/opt/lab/start-redis";
export const startKeepalivedPath = "/opt/lab/start-keepalived";
export const startAgentPath = "/opt/lab/start-agent";
export const agentLog = "/var/log/agent.log";

export const redisService: Service = {
  name: redisProgram("server"),
  startCommand: [startRedisPath],
  // A child that writes a snapshot may have the same name, and survives a kill -9 of the server. There is no pid file before
  // the first start, and while Redis starts: then none of the processes is the server yet.
  isOurs: ({ hostPid }, host) => Number(readIfPresent(host.at(pidPath))) === hostPid,
};

/** As systemd would start it: in the foreground, with its output in a log. */
export const startAgentScript = `#!/bin/sh
setsid /opt/keepalived-redis/agent "$@" </dev/null >>${agentLog} 2>&1 &
`;

// Its process.title, truncated by the kernel.
export const agentService: Service = { name: "keepalived-redi", startCommand: [startAgentPath] };

export const keepalivedService: Service = { name: "keepalived", startCommand: [startKeepalivedPath] };
