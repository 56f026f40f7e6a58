import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeAtomically } from "../system/atomic-file.ts";
import { readIfPresent } from "../system/read-file.ts";
import { version } from "../system/version.ts";
import { UsageError } from "./errors.ts";
import type { Cluster } from "./schema.ts";

export interface Loaded {
  cluster: Cluster;
  /** Why the file as it is now can't be used, where the last good one stands in for it. */
  broken?: UsageError;
}

/** What is kept of a cluster file that was good: as read, and as it was written. */
interface Kept {
  version: string;
  text: string;
  cluster: Cluster;
}

const folder = "/run/keepalived-redis/.last-good";

/**
 * The cluster file, or the last one that was good: a broken edit must never take a healthy virtual IP down, nor must one after
 * which this host is no node (`suits` throws a UsageError). Throws the UsageError where there never was a good one. A file that
 * hasn't changed isn't parsed again: the monitor comes here every second, and parsing and checking cost 5 ms of its 12.
 */
export async function loadOrLastGood(
  file: string,
  suits: (cluster: Cluster) => void = () => undefined,
  root = folder,
): Promise<Loaded> {
  const copy = join(root, encodeURIComponent(resolve(file)));
  const kept = readKept(copy);
  const text = readIfPresent(file);
  if (kept && kept.text === text && kept.version === version) return { cluster: kept.cluster };
  const { loadCluster, parseCluster } = await import("./load.ts");
  try {
    const loaded = loadCluster(file);
    suits(loaded.cluster);
    keep(copy, { version, ...loaded });
    return { cluster: loaded.cluster };
  } catch (error) {
    if (!(error instanceof UsageError) || !kept) throw error;
    // An upgrade may have other defaults and keys.
    return { cluster: kept.version === version ? kept.cluster : parseCluster(kept.text, copy), broken: error };
  }
}

// Only root can keep a copy, and only root's hooks need one.
function keep(copy: string, kept: Kept): void {
  try {
    writeAtomically(copy, JSON.stringify(kept), { mode: 0o600 });
  } catch {
    return;
  }
}

function readKept(copy: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(copy, "utf8")) as Kept;
  } catch {
    return undefined;
  }
}
