import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { root } from "./checks.ts";

/**
 * Compiles test files, all at once, and gives the compiled ones; they are gone when this process ends. A process that
 * has to load tsx first costs 190 ms of CPU more, for each of the test files: the unit tests took half as long again.
 */
export async function compiled(files: readonly string[]): Promise<string[]> {
  // Below node_modules, where they find the packages.
  const cache = join(root, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "tests-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [...files],
    outdir: folder,
    outbase: root,
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    outExtension: { ".js": ".mjs" },
    sourcemap: "linked",
    loader: { ".hbs": "text" },
    define: placeNames,
    plugins: [{ name: "where the source is", setup: ({ onLoad }) => onLoad({ filter: /\.ts$/ }, withItsPlace) }],
    logLevel: "silent",
  });
  return files.map((file) => join(folder, relative(root, file)).replace(/\.ts$/, ".mjs"));
}

export const placeNames = {
  "import.meta.url": "__url",
  "import.meta.filename": "__file",
  "import.meta.dirname": "__folder",
};

/** Tests look for files beside their source, so each source says where it was. */
export function withItsPlace({ path }: { path: string }): esbuild.OnLoadResult {
  const [url, file, folder] = [pathToFileURL(path).href, path, dirname(path)].map((text) => JSON.stringify(text));
  const place = `const __url = ${url}, __file = ${file}, __folder = ${folder};`;
  return { contents: `${place} ${readFileSync(path, "utf8")}`, loader: "ts" };
}
