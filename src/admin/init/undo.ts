import { existsSync } from "node:fs";
import { join } from "node:path";
import { CommandRefused } from "../../cluster/errors.ts";
import { parseCluster } from "../../cluster/load.ts";
import { localNode } from "../../cluster/local-node.ts";
import { readPassword } from "../../cluster/password.ts";
import { pathsOf } from "../../cluster/paths.ts";
import type { Cluster } from "../../cluster/schema.ts";
import { promote } from "../../redis/commands.ts";
import { agentAlive } from "../../state/heartbeat.ts";
import { keepalivedRuns } from "../../system/processes.ts";
import { readIfPresent } from "../../system/read-file.ts";
import { runCommand } from "../../system/run-command.ts";
import { terminalAsk } from "./ask.ts";
import { putBack } from "./change-files.ts";
import { confirmLoss, editedFiles, keepCopy } from "./edited-files.ts";
import { endJournal, type Journal, journalOf, readJournal } from "./journal.ts";
import { openLocal } from "./local-redis.ts";
import { changeSettings } from "./redis-settings.ts";

export interface UndoInput {
  /** The cluster file. */
  path: string;
  root: string;
  yes: boolean;
  done(sentence: string): void;
}

/** Puts back what init has changed on this node: the running Redis first, while its password is still known, then the files, the last one first. */
export async function undo({ path, root, yes, done }: UndoInput): Promise<void> {
  const file = journalOf(join(root, path));
  const journal = readJournal(file);
  if (!journal) return done("init has changed nothing here");
  const text = readIfPresent(join(root, path));
  const cluster = text === undefined ? undefined : parseCluster(text, path);
  // The cluster file is put back last, so without it a former run has been through with Redis.
  const running = root === "/" ? cluster : undefined;
  if (running) requireStopped(running);
  const edited = editedFiles(journal.files, root);
  if (!yes) await confirmLoss(edited, secretsOf(journal, cluster, root), terminalAsk());
  if (running) await undoRedis(running, journal, done);
  for (const one of journal.files.toReversed()) {
    const change = edited.find((other) => other.path === one.path);
    const kept = change ? `; as it was edited since it is kept as ${keepCopy(change, root)}` : "";
    putBack(one, root);
    done(`${one.existed ? "put back" : "removed"} ${one.path}${kept}`);
  }
  if (root === "/" && existsSync("/run/systemd/system")) await runCommand(["systemctl", "daemon-reload"]);
  endJournal(file);
}

/** What a diff must not show. */
function secretsOf({ redis }: Journal, cluster: Cluster | undefined, root: string): string[] {
  const file = cluster?.redis.password_file;
  const password = file === undefined ? undefined : readIfPresent(join(root, file))?.trim();
  return [password, redis?.settings.requirepass, redis?.settings.masterauth].filter((one) => one !== undefined);
}

function requireStopped(cluster: Cluster): void {
  if (agentAlive(pathsOf(cluster).heartbeat))
    throw new CommandRefused("the agent runs here", {
      remedy: "first stop it: systemctl disable --now keepalived-redis-agent",
    });
  if (keepalivedRuns())
    throw new CommandRefused("Keepalived runs here", {
      remedy: "first stop it: systemctl stop keepalived; the virtual IP then moves to the other node",
    });
}

async function undoRedis(cluster: Cluster, { redis }: Journal, done: (sentence: string) => void): Promise<void> {
  if (!redis) return;
  const node = localNode(cluster, undefined);
  const settings = Object.entries(redis.settings).map(([name, value]) => ({ name, value }));
  const session = await openLocal(cluster, node, [readPassword(cluster), redis.settings.requirepass, undefined]);
  try {
    const refused = await changeSettings(session, settings);
    if (redis.role === "master") await promote(session);
    done(`the running Redis is a ${redis.role} with its former settings`);
    if (refused.length > 0) done(`for ${refused.join(", ")} it must be restarted`);
  } finally {
    session.close();
  }
}
