import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../../scripts/checks.ts";
import type { Lab } from "../lab.ts";
import { clusterName } from "../server/cluster-file.ts";

const run = promisify(execFile);
const page = "demo-timeline.html";

/** Writes what happened as a page into the checkout, from the logs of both hosts, with the `timeline` that was built. Returns its name. */
export async function writeTimelinePage({ servers }: Lab): Promise<string> {
  const logs = servers.map((server) => server.at(`/var/log/keepalived-redis/${clusterName}.log`));
  const args = [join(root, "dist/timeline"), ...logs, "--html", join(root, page)];
  await run(process.execPath, args, { timeout: 20_000 });
  return page;
}
