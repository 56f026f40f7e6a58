import { join } from "node:path";
import { CommandRefused } from "../../cluster/errors.ts";
import { defaultCluster, pathsOf } from "../../cluster/paths.ts";
import { type Adoption, adoption } from "../../decide/adoption.ts";
import {
  requireExecutables,
  requireInterface,
  requireKeepalived,
  requirePlain,
} from "../../keepalived/requirements.ts";
import { holdsVip } from "../../keepalived/virtual-ip.ts";
import type { Situation } from "../../model/situation.ts";
import { openIoredis } from "../../redis/ioredis-session.ts";
import { observeSession } from "../../redis/observe.ts";
import { observeCluster } from "../../redis/observe-cluster.ts";
import type { Session } from "../../redis/session.ts";
import { Sessions } from "../../redis/sessions.ts";
import { readIfPresent } from "../../system/read-file.ts";
import { terminalAsk, terminalSecret } from "./ask.ts";
import { type Change, changesOf } from "./change-files.ts";
import { type ClusterFlags, type Described, describeNode } from "./describe-node.ts";
import { findHost } from "./find-host.ts";
import { openLocal, requireRunningConf } from "./local-redis.ts";
import { requireNoOtherManager } from "./other-manager.ts";
import { type FilesInput, plannedFiles } from "./planned-files.ts";
import { type SettingChange, settingsToChange } from "./redis-settings.ts";
import { type Secret, secretOf } from "./secret.ts";

export interface InitFlags extends ClusterFlags {
  /** The cluster file. */
  path: string;
  bin: string;
  "password-file": string | undefined;
  "redis-conf": string | undefined;
  adopt: boolean;
}

/** All that is known before anything is changed. */
export interface Prepared extends Described {
  flags: InitFlags;
  secret: Secret;
  /** What must not be shown. */
  secrets: string[];
  files: FilesInput;
  changes: Change[];
  /** Undefined below another root, where nothing runs. */
  running: Running | undefined;
}

export interface Running {
  local: Session;
  settings: SettingChange[];
  situation: Situation;
  adoption: Exclude<Adoption, { kind: "refused" }>;
}

/** Asks, looks at this host and at all nodes, and changes nothing. Rejects with a UsageError or a CommandRefused. */
export async function prepare(flags: InitFlags): Promise<Prepared> {
  const { path, root } = flags;
  const ask = flags.yes ? undefined : terminalAsk();
  const found = findHost();
  // A Redis that runs here is none of an image.
  const host = root === "/" ? found : { ...found, servers: [] };
  const described = await describeNode(path, flags, host, ask);
  const { cluster, server } = described;
  const secret = await secretOf({
    file: cluster.redis.password_file,
    given: flags["password-file"],
    found: server?.password,
    join: flags.join !== undefined,
    root,
    ask: flags.yes ? undefined : terminalSecret(),
  });
  const files = filesInput(flags, described, secret);
  await requireHost(files, root);
  const planned = plannedFiles(files, (file) => readIfPresent(join(root, file)));
  const running = root === "/" ? await lookAtRedis(files, flags, described, secret, textOfRedis(planned)) : undefined;
  const secrets = [secret.password, server?.password].filter((one) => one !== undefined);
  return { ...described, flags, secret, secrets, files, changes: changesOf(planned, root), running };
}

function filesInput(flags: InitFlags, described: Described, { password }: Secret): FilesInput {
  const { path, bin, root } = flags;
  const redisConf = flags["redis-conf"] ?? described.server?.conf;
  if (redisConf === undefined || readIfPresent(join(root, redisConf)) === undefined)
    throw new CommandRefused(
      redisConf === undefined
        ? "the configuration file of the local Redis was not found"
        : `there is no ${join(root, redisConf)}`,
      { remedy: "name it with --redis-conf FILE; does Redis run here, under the port of the cluster file?" },
    );
  const clusterFile = path === defaultCluster ? undefined : path;
  return { ...described, path, bin, clusterFile, redisConf, password };
}

async function requireHost({ bin, clusterFile, cluster, node, profile }: FilesInput, root: string): Promise<void> {
  for (const one of [bin, ...(clusterFile ? [clusterFile] : [])]) requirePlain(one);
  if (root !== "/") return;
  requireInterface(cluster, node);
  requireExecutables(bin);
  await requireKeepalived(cluster, profile);
}

const textOfRedis = (planned: readonly { path: string; text: string; like?: string }[]): string =>
  planned.find(({ path, like }) => like !== undefined && path !== like)?.text ?? "";

async function lookAtRedis(
  files: FilesInput,
  flags: InitFlags,
  described: Described,
  { password }: Secret,
  redisText: string,
) {
  const { cluster, node, server, begins } = described;
  const local = await openLocal(cluster, node, [password, server?.password, undefined]);
  const context = { file: flags.path, cluster, node, password, paths: pathsOf(cluster), open: openIoredis };
  const sessions = new Sessions(context);
  try {
    if (files.redisConf !== undefined) await requireRunningConf(local, files.redisConf);
    await requireNoOtherManager(local);
    const ours = await observeSession(local);
    const situation = await observeCluster(context, sessions, { holdsVip: holdsVip(cluster), ours });
    const found = adoption({ situation, adopt: flags.adopt, join: flags.join !== undefined, begins });
    if (found.kind === "refused") throw new CommandRefused(found.refusal.cause, { remedy: found.refusal.remedy });
    return { local, situation, adoption: found, settings: await settingsToChange(local, redisText) };
  } catch (error) {
    local.close();
    throw error;
  } finally {
    sessions.closeAll();
  }
}
