import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "./errors.ts";
import { loadCluster, parseCluster } from "./load.ts";
import type { Cluster } from "./schema.ts";

export interface Loaded {
  cluster: Cluster;
  /** Why the file as it is now can't be used, where the last good one stands in for it. */
  broken?: UsageError;
}

const folder = "/run/keepalived-redis/.last-good";

/**
 * The cluster file, or the last one that was good: a broken edit must never take a healthy virtual IP down. Throws the
 * UsageError where there never was a good one.
 */
export function loadOrLastGood(file: string, root = folder): Loaded {
  const copy = join(root, encodeURIComponent(resolve(file)));
  try {
    const { cluster, text } = loadCluster(file);
    keep(copy, text, root);
    return { cluster };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const kept = read(copy);
    if (kept === undefined) throw error;
    return { cluster: parseCluster(kept, copy), broken: error };
  }
}

// Only root can keep a copy, and only root's hooks need one.
function keep(copy: string, text: string, root: string): void {
  if (read(copy) === text) return;
  try {
    mkdirSync(root, { recursive: true, mode: 0o755 });
    writeFileSync(`${copy}.${process.pid}`, text, { mode: 0o600 });
    renameSync(`${copy}.${process.pid}`, copy);
  } catch {
    return;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
