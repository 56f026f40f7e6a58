import { dirname, join } from "node:path";
import { CommandRefused } from "../../cluster/errors.ts";
import { pathsOf } from "../../cluster/paths.ts";
import { fitsPackagedUnit, render } from "../../keepalived/render.ts";
import type { RenderInput } from "../../keepalived/template.ts";
import { keepalivedFiles } from "./keepalived-conf.ts";
import type { PlannedFile, Read } from "./planned-file.ts";
import { withInclude } from "./redis-conf.ts";

export interface FilesInput extends RenderInput {
  /** Where the cluster file is. */
  path: string;
  clusterText: string;
  password: string | undefined;
  /** redis.conf of the local server; undefined if the operator takes care of it. */
  redisConf: string | undefined;
}

/** All files of this node, in the order in which they are written: what reads a file comes after it. keepalived.conf is the last one. */
export function plannedFiles(input: FilesInput, read: Read): PlannedFile[] {
  const { cluster, password, profile } = input;
  const passwordFile = cluster.redis.password_file;
  const { name } = cluster;
  return [
    { path: input.path, text: input.clusterText },
    ...(passwordFile !== undefined && password !== undefined
      ? [{ path: passwordFile, text: `${password}\n`, mode: 0o600 }]
      : []),
    { path: tmpfilesOf(name), text: render.tmpfiles(input) },
    {
      path: `/etc/systemd/system/keepalived.service.d/keepalived-redis-${name}.conf`,
      text: render.systemd(input),
    },
    ...logrotateFiles(input, read),
    ...(profile === "agent" ? agentFiles(input, read) : []),
    ...(input.redisConf === undefined ? [] : redisFiles(input, input.redisConf, read)),
    ...keepalivedFiles(input, read),
  ];
}

/** None beside that of the package, which rotates all logs of the default folder: logrotate refuses a log that two files name. */
function logrotateFiles(input: RenderInput, read: Read): PlannedFile[] {
  const { cluster } = input;
  const packaged = dirname(pathsOf(cluster).log) === "/var/log/keepalived-redis";
  if (packaged && read("/etc/logrotate.d/keepalived-redis") !== undefined) return [];
  return [{ path: `/etc/logrotate.d/keepalived-redis-${cluster.name}`, text: render.logrotate(input) }];
}

/** The user and the unit of the agent. With the package none: it has both, and one that is there already is brought up to date. */
function agentFiles(input: RenderInput, read: Read): PlannedFile[] {
  const packaged = (path: string) => read(path) !== undefined;
  const user = packaged(packagedSysusers) ? [] : [{ path: sysusersFile, text: render.sysusers() }];
  const unit = agentUnit(input, read);
  const isOne = packaged("/usr/lib/systemd/system/keepalived-redis-agent.service") && fitsPackagedUnit(input);
  return isOne && read(unit.path) === undefined ? user : [...user, unit];
}

export const sysusersFile = "/etc/sysusers.d/keepalived-redis.conf";
export const packagedSysusers = "/usr/lib/sysusers.d/keepalived-redis.conf";
export const tmpfilesOf = (cluster: string): string => `/etc/tmpfiles.d/keepalived-redis-${cluster}.conf`;

function agentUnit(input: RenderInput, read: Read): PlannedFile {
  const path = "/etc/systemd/system/keepalived-redis-agent.service";
  const [, other] = /^# ([^:\s]+): /.exec(read(path) ?? "") ?? [];
  if (other !== undefined && other !== input.cluster.name)
    throw new CommandRefused(`${path} is the agent of the cluster ${other}`, {
      remedy: `one agent serves all clusters of a host: install this one by hand (docs/agent.md), and add --cluster ${input.clusterFile ?? "FILE"} to that unit`,
    });
  return { path, text: render["agent-service"](input) };
}

function redisFiles(input: FilesInput, redisConf: string, read: Read): PlannedFile[] {
  const own = join(dirname(redisConf), `keepalived-redis-${input.cluster.name}.conf`);
  const text = render.redis({ ...input, redisPassword: input.password });
  const comment = `# keepalived-redis: these settings count, since they come last.`;
  return [
    { path: own, text, like: redisConf },
    { path: redisConf, text: withInclude(read(redisConf) ?? "", own, comment), like: redisConf },
  ];
}
