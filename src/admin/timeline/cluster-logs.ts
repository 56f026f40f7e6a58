import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CommandRefused } from "../../cluster/errors.ts";
import { loadOrLastGood } from "../../cluster/last-good.ts";
import { localNode } from "../../cluster/local-node.ts";
import { pathsOf } from "../../cluster/paths.ts";
import { isLogOf, readLogs } from "./read-logs.ts";

/** The log of the cluster on this host, with its older lines. Throws a UserError. */
export async function clusterLogs(file: string, node: string | undefined): Promise<string[]> {
  const { cluster } = await loadOrLastGood(file, (one) => void localNode(one, node));
  const { log } = pathsOf(cluster);
  const folder = dirname(log);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => isLogOf(basename(log), name)) : [];
  if (names.length === 0)
    throw new CommandRefused(`there is no log at ${log}`, { remedy: "name the logs: timeline FILE..." });
  return readLogs(names.map((name) => join(folder, name)));
}
