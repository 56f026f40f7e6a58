import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Dumps kept per cluster: beyond either bound the oldest go, never the newest. */
const limits = { count: 10, bytes: 20 * 1024 ** 3 };

/** Removes the oldest dumps beyond the limits and names them. */
export function forgetOldest(folder: string, most = limits): string[] {
  const dumps = readdirSync(folder)
    .filter((name) => name.endsWith(".rdb"))
    .sort()
    .reverse();
  let bytes = 0;
  const removed: string[] = [];
  dumps.forEach((name, index) => {
    bytes += statSync(join(folder, name)).size;
    if (index === 0 || (index < most.count && bytes <= most.bytes)) return;
    rmSync(join(folder, name), { force: true });
    rmSync(join(folder, name.replace(/rdb$/, "json")), { force: true });
    removed.push(name);
  });
  return removed;
}
