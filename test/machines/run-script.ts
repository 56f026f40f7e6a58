import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The scripts of this folder: whole machines, booted by a real systemd. Each says what it does, and fails at the first thing that is wrong. */

const needed = ["systemd-nspawn", "dpkg-deb", "redis-server", "redis-cli", "keepalived", "ip"];
const succeeds = (script: string) => spawnSync("sh", ["-c", script]).status === 0;

/** Why no script can run here; false if they can. */
export function unable(): string | false {
  if (process.getuid?.() !== 0) return "needs root";
  const missing = needed.filter((tool) => !succeeds(`command -v ${tool}`));
  if (missing.length > 0) return `needs ${missing.join(", ")} (Debian: apt-get install systemd-container)`;
  return existsSync("/lib/systemd/systemd") ? false : "needs systemd";
}

/** Why none can run on copies of this machine's own system, which must be as its packages brought it. */
export const unableHere = (): string | false =>
  unable() ||
  (!succeeds('test -z "$(dpkg --verify redis-server keepalived)"') &&
    "needs a machine on which Redis and Keepalived are as Debian's packages bring them");

const limit_ms = 900_000;

/** Its output is the report: what it did, the writes and the gaps. Rejects with it if the script fails. */
export async function runScript(script: string, ...args: string[]): Promise<void> {
  const child = spawn(fileURLToPath(new URL(script, import.meta.url)), args, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
  const limit = setTimeout(() => child.kill(), limit_ms);
  const [code] = await once(child, "close");
  clearTimeout(limit);
  if (code !== 0) throw new Error(`${script} ${args.join(" ")}: exit code ${code}\n${text}`);
  console.log(text);
}
