import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export const arch = process.arch === "arm64" ? "arm64" : "amd64";

/** What a test that builds packages can't do without. */
export const missing = spawnSync("dpkg-deb", ["--version"]).error && "dpkg-deb is missing";

export const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-package-test-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

/** Builds the .deb of this machine's architecture, in a place of its own, and returns its path. */
export function buildDeb(place: string, environment: NodeJS.ProcessEnv = {}, version?: string): string {
  const [output, temporary] = [join(folder, place, "packages"), join(folder, place, "tmp")];
  mkdirSync(temporary, { recursive: true });
  const script = join(root, "scripts/package.ts");
  const options = ["--arch", arch, "--format", "deb", "--output", output, ...(version ? ["--version", version] : [])];
  execFileSync(process.execPath, ["--import", "tsx", script, ...options], {
    cwd: root,
    env: { ...process.env, TMPDIR: temporary, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [name = ""] = readdirSync(output);
  return join(output, name);
}

export interface Entry {
  /** As `ls -l` shows it. */
  mode: string;
  owner: string;
  path: string;
}

export function entriesOf(deb: string): Entry[] {
  const lines = execFileSync("dpkg-deb", ["--contents", deb], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => {
    const [mode = "", owner = "", , , , path = ""] = line.split(/\s+/);
    return { mode, owner, path: path.slice(1) };
  });
}
