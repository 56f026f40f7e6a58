import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { notices, type Package, packagesIn } from "./third-party.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
export const dist = join(root, "dist");

export interface Executable {
  name: string;
  path: string;
  bytes: number;
  /** Third-party packages whose code it contains. */
  packages: Package[];
}

/**
 * Builds each `bin/NAME.ts` into one self-contained file `NAME` in the folder, copies each `bin/NAME.sh`, and adds package.json
 * and the licences. Other files in the folder are deleted. Each file that differs is replaced atomically, so that executables can
 * run, and other builds too, at the same time. Rejects if one can't be built; then the folder is unchanged.
 */
export async function build(folder = dist): Promise<Executable[]> {
  const files = readdirSync(join(root, "bin"));
  const names = files.filter((file) => file.endsWith(".ts"));
  const made = await Promise.all(
    names.map(async (file) => {
      const path = join(folder, basename(file, ".ts"));
      return { path, ...(await compile(join(root, "bin", file))) };
    }),
  );
  mkdirSync(folder, { recursive: true });
  // The repository is ESM. Without this package.json Node would load the executables, which have no extension, as ESM, too.
  replace(join(folder, "package.json"), '{ "type": "commonjs" }\n', 0o644);
  const packages = new Map(made.flatMap((one) => one.packages.map((each) => [`${each.name} ${each.version}`, each])));
  const inOrder = [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  replace(join(folder, "THIRD-PARTY-LICENSES"), notices(inOrder), 0o644);
  const executables = made.map(({ path, text, packages }) => install(path, text, packages));
  const shellScripts = files.filter((file) => file.endsWith(".sh")).map((file) => basename(file, ".sh"));
  for (const name of shellScripts)
    replace(join(folder, name), readFileSync(join(root, "bin", `${name}.sh`), "utf8"), 0o755);
  const ours = new Set([
    "package.json",
    "THIRD-PARTY-LICENSES",
    ...shellScripts,
    ...executables.map(({ name }) => name),
  ]);
  for (const file of readdirSync(folder))
    if (!ours.has(file) && !file.startsWith(".")) rmSync(join(folder, file), { recursive: true });
  return executables;
}

/** Builds one executable from any source file. */
export async function bundle(source: string, path: string): Promise<Executable> {
  const { text, packages } = await compile(source);
  return install(path, text, packages);
}

async function compile(source: string): Promise<{ text: string; packages: Package[] }> {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [source],
    outfile: "executable",
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    // Not minified: that starts as fast (77 ms, minified 81 ms, measured), and a stack trace names a readable line of the
    // executable itself. A source map would be a second file to copy.
    minify: false,
    // The licences are added below, each once: smol-toml has it in each of its nine files.
    legalComments: "none",
    // UMD packages can be bundled only by their "module" field.
    mainFields: ["module", "main"],
    loader: { ".hbs": "text" },
    define: { "import.meta.url": "__importMetaUrl", __VERSION__: JSON.stringify(version) },
    alias: { y18n: join(root, "scripts/y18n.ts") },
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const code = outputFiles[0]?.text ?? "";
  // yargs and yargs-parser use import.meta.url, which CommonJS lacks (yargs#1929).
  const url = 'const __importMetaUrl = require("node:url").pathToFileURL(__filename).href;\n';
  const packages = packagesIn(metafile, root);
  // Most licences must be part of every copy, and each file may be copied alone.
  const licences = packages.length > 0 ? `\n/*\n${notices(packages).replaceAll("*/", "* /")}*/\n` : "";
  const text = `#!/usr/bin/env node\n${code.includes("__importMetaUrl") ? url : ""}${code}${licences}`;
  return { text, packages };
}

function install(path: string, text: string, packages: Package[]): Executable {
  mkdirSync(dirname(path), { recursive: true });
  replace(path, text, 0o755);
  return { name: basename(path), path, bytes: Buffer.byteLength(text), packages };
}

function replace(path: string, text: string, mode: number): void {
  // A test may be copying the folder, and must not see a new file come and go.
  if (holds(path, text, mode)) return;
  const fresh = join(dirname(path), `.${basename(path)}.${process.pid}`);
  writeFileSync(fresh, text);
  chmodSync(fresh, mode);
  renameSync(fresh, path);
}

function holds(path: string, text: string, mode: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && (found.mode & 0o777) === mode && readFileSync(path, "utf8") === text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  try {
    const built = await build();
    console.log(`dist/: ${built.length} executables in ${Math.round(performance.now() - started)} ms`);
  } catch (error) {
    console.error(`build: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
