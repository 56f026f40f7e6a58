import { mkdirSync } from "node:fs";
import { CommandRefused } from "../../cluster/errors.ts";
import { pathsOf } from "../../cluster/paths.ts";
import { mainConf } from "../../keepalived/folder-problem.ts";
import { render } from "../../keepalived/render.ts";
import { testCombined, testConfig } from "../../keepalived/test-config.ts";
import { ping } from "../../redis/commands.ts";
import { openIoredis } from "../../redis/ioredis-session.ts";
import { endpointOf } from "../../redis/session.ts";
import { readIfPresent } from "../../system/read-file.ts";
import { makeChange } from "./change-files.ts";
import { journalOf, readJournal, writeJournal } from "./journal.ts";
import { combinedConf } from "./keepalived-conf.ts";
import type { Prepared, Running } from "./prepare.ts";
import { changeSettings } from "./redis-settings.ts";
import { afterFiles } from "./services.ts";

const deadline_ms = 2000;

/** Writes the files, once Keepalived accepts its own, and changes the settings of the running Redis. */
export async function install(prepared: Prepared, done: (sentence: string) => void): Promise<void> {
  const { changes, cluster, flags, running } = prepared;
  if (running && changes.length > 0) {
    // Keepalived 2.3 refuses a track file in a folder that is not there.
    mkdirSync(pathsOf(cluster).state, { recursive: true, mode: 0o755 });
    await testConfig(render.keepalived(prepared.files));
    const combined = combinedConf(prepared.files, readIfPresent);
    if (combined !== undefined) await testCombined(mainConf, combined);
    done(`keepalived -t accepts the configuration${combined === undefined ? "" : ` together with ${mainConf}`}`);
  }
  for (const change of changes) {
    makeChange(change, flags.path, flags.root);
    done(`wrote ${change.path}`);
  }
  if (!running) return;
  await afterFiles(cluster.name);
  await applySettings(prepared, running, done);
}

async function applySettings(
  { flags, cluster, node, secret }: Prepared,
  running: Running,
  done: (text: string) => void,
) {
  const { local, settings, situation } = running;
  rememberRedis(flags.path, running);
  const refused = await changeSettings(local, settings);
  const changed = settings.map(({ name }) => name).filter((name) => !refused.includes(name));
  if (changed.length > 0) done(`changed in the running Redis, without a restart: ${changed.join(", ")}`);
  const reached = await openIoredis(endpointOf(cluster, node, secret.password), deadline_ms)
    .then(async (session) => {
      await ping(session);
      session.close();
    })
    .catch((error: Error) => error);
  if (!reached && refused.length === 0) return;
  const keys = situation.node.seen.kind === "observed" ? situation.node.seen.keys : 0;
  const why =
    refused.length > 0 ? `this Redis takes ${refused.join(", ")} at its start only` : (reached as Error).message;
  throw new CommandRefused(`Redis must be restarted once: ${why}`, {
    remedy: `${keys > 0 ? "`redis-cli SAVE`, then " : ""}restart its service, and run this again${keys > 0 ? " with --adopt" : ""}: all else is in place`,
  });
}

/** The settings and the role as they were before the first run. */
function rememberRedis(clusterFile: string, { settings, situation }: Running): void {
  const { seen } = situation.node;
  const file = journalOf(clusterFile);
  const journal = readJournal(file) ?? { files: [] };
  if (seen.kind !== "observed" || (settings.length === 0 && journal.redis)) return;
  const before = Object.fromEntries(settings.map((one) => [one.name, one.before]));
  const redis = { role: journal.redis?.role ?? seen.role, settings: { ...before, ...journal.redis?.settings } };
  if (JSON.stringify(redis) !== JSON.stringify(journal.redis)) writeJournal(file, { ...journal, redis });
}
