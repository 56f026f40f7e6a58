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

interface Build {
  arch?: string;
  formats?: readonly string[];
  version?: string;
  /** Where the sources are: this checkout, or another one. */
  checkout?: string;
  environment?: NodeJS.ProcessEnv;
}

/** Builds packages, in a place of its own, and returns their paths in the order of the formats. */
export function buildPackages(place: string, build: Build = {}): string[] {
  const { formats = ["deb"], version, checkout = root, environment } = build;
  const [output, temporary] = [join(folder, place, "packages"), join(folder, place, "tmp")];
  mkdirSync(temporary, { recursive: true });
  const options = ["--arch", build.arch ?? arch, "--output", output, ...(version ? ["--version", version] : [])];
  const script = join(checkout, "scripts/package.ts");
  execFileSync(
    process.execPath,
    ["--import", "tsx", script, ...options, ...formats.flatMap((format) => ["--format", format])],
    {
      cwd: checkout,
      env: { ...process.env, TMPDIR: temporary, ...environment },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const names = readdirSync(output);
  return formats.map((format) => join(output, names.find((name) => name.endsWith(`.${format}`)) ?? ""));
}

/** Builds the .deb of this machine's architecture. */
export const buildDeb = (place: string, build: Build = {}): string => buildPackages(place, build)[0] ?? "";

/** Says loudly what a run of the tests leaves out, and returns why, for `skip`. */
export function notRun(what: string, why: string | false): string | false {
  if (why) console.error(`\n*** NOT RUN: ${what}: ${why} ***\n`);
  return why;
}
