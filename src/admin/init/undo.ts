import { existsSync } from "node:fs";
import { join } from "node:path";
import { CommandRefused } from "../../cluster/errors.ts";
import { loadCluster } from "../../cluster/load.ts";
import { localNode } from "../../cluster/local-node.ts";
import { readPassword } from "../../cluster/password.ts";
import { pathsOf } from "../../cluster/paths.ts";
import { promote } from "../../redis/commands.ts";
import { agentAlive } from "../../state/heartbeat.ts";
import { keepalivedRuns } from "../../system/processes.ts";
import { runCommand } from "../../system/run-command.ts";
import { putBack } from "./change-files.ts";
import { endJournal, type Journal, journalOf, readJournal } from "./journal.ts";
import { openLocal } from "./local-redis.ts";
import { changeSettings } from "./redis-settings.ts";

/** Puts back what init has changed on this node: the running Redis first, while its password is still known, then the files, the last one first. */
export async function undo(path: string, root: string, done: (sentence: string) => void): Promise<void> {
  const file = journalOf(join(root, path));
  const journal = readJournal(file);
  if (!journal) return done("init has changed nothing here");
  // The cluster file is put back last, so without it a former run has been through with Redis.
  if (root === "/" && existsSync(path)) await undoRunning(path, journal, done);
  for (const one of journal.files.toReversed()) {
    putBack(one, root);
    done(`${one.existed ? "put back" : "removed"} ${one.path}`);
  }
  if (root === "/" && existsSync("/run/systemd/system")) await runCommand(["systemctl", "daemon-reload"]);
  endJournal(file);
}

async function undoRunning(path: string, { redis }: Journal, done: (sentence: string) => void): Promise<void> {
  const { cluster } = loadCluster(path);
  const node = localNode(cluster, undefined);
  if (agentAlive(pathsOf(cluster).heartbeat))
    throw new CommandRefused("the agent runs here", {
      remedy: "first stop it: systemctl disable --now keepalived-redis-agent",
    });
  if (keepalivedRuns())
    throw new CommandRefused("Keepalived runs here", {
      remedy: "first stop it: systemctl stop keepalived; the virtual IP then moves to the other node",
    });
  if (!redis) return;
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
