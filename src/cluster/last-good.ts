import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeAtomically } from "../system/atomic-file.ts";
import { readIfPresent } from "../system/read-file.ts";
import { version } from "../system/version.ts";
import { UsageError } from "./errors.ts";
import type { Cluster } from "./schema.ts";

export interface Loaded {
  cluster: Cluster;
  /** Why the present file can't be used. `cluster` is the last good one then. */
  broken?: UsageError;
}

/** The copy of the last good cluster file: its text, and the result of parsing it. */
interface LastGood {
  version: string;
  text: string;
  cluster: Cluster;
}

// Only root can write the copy that root uses. An agent that runs as another user has one of its own, in the folder that systemd gives it.
const folder =
  process.getuid?.() !== 0 && process.env.RUNTIME_DIRECTORY
    ? join(process.env.RUNTIME_DIRECTORY, "last-good")
    : "/run/keepalived-redis/.last-good";

/**
 * The cluster file, or the last good one: a broken edit must never take a healthy virtual IP down. A file that does not name
 * this host is broken, too (`check` throws a UsageError). Throws the UsageError if there is no last good one. An unchanged
 * file is not parsed again: the monitor loads it every second, and parsing takes 5 ms of its 12.
 */
export async function loadOrLastGood(
  file: string,
  check: (cluster: Cluster) => void = () => undefined,
  root = folder,
): Promise<Loaded> {
  const copy = join(root, encodeURIComponent(resolve(file)));
  const lastGood = readLastGood(copy);
  const text = readIfPresent(file);
  if (lastGood && lastGood.text === text && lastGood.version === version) return { cluster: lastGood.cluster };
  const { loadCluster, parseCluster } = await import("./load.ts");
  try {
    const loaded = loadCluster(file);
    check(loaded.cluster);
    writeLastGood(copy, { version, ...loaded });
    return { cluster: loaded.cluster };
  } catch (error) {
    if (!(error instanceof UsageError) || !lastGood) throw error;
    // Another version of this program may have other defaults and keys.
    const cluster = lastGood.version === version ? lastGood.cluster : parseCluster(lastGood.text, copy);
    return { cluster, broken: error };
  }
}

// Where it can't be written there is none: only what Keepalived or systemd starts needs it.
function writeLastGood(copy: string, lastGood: LastGood): void {
  try {
    writeAtomically(copy, JSON.stringify(lastGood), { mode: 0o600 });
  } catch {
    return;
  }
}

function readLastGood(copy: string): LastGood | undefined {
  try {
    return JSON.parse(readFileSync(copy, "utf8")) as LastGood;
  } catch {
    return undefined;
  }
}
