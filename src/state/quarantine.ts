import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** How many dumps, and how many bytes of them, are kept for a cluster. The newest dump is always kept. */
const limits = { count: 10, bytes: 20 * 1024 ** 3 };

/** Removes the oldest dumps beyond the limits, and returns their names. */
export function removeOldestDumps(folder: string, max = limits): string[] {
  const dumps = readdirSync(folder)
    .filter((name) => name.endsWith(".rdb"))
    .sort()
    .reverse();
  let bytes = 0;
  const removed: string[] = [];
  dumps.forEach((name, index) => {
    bytes += statSync(join(folder, name)).size;
    if (index === 0 || (index < max.count && bytes <= max.bytes)) return;
    rmSync(join(folder, name), { force: true });
    rmSync(join(folder, name.replace(/rdb$/, "json")), { force: true });
    removed.push(name);
  });
  return removed;
}
