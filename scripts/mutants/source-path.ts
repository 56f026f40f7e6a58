import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import type * as esbuild from "esbuild";

export const pathNames = {
  "import.meta.url": "__url",
  "import.meta.filename": "__file",
  "import.meta.dirname": "__folder",
};

/** Tests read files relative to their source, so each bundled source gets its original path. */
export function withSourcePath({ path }: { path: string }): esbuild.OnLoadResult {
  const [url, file, folder] = [pathToFileURL(path).href, path, dirname(path)].map((text) => JSON.stringify(text));
  const place = `const __url = ${url}, __file = ${file}, __folder = ${folder};`;
  return { contents: `${place} ${readFileSync(path, "utf8")}`, loader: "ts" };
}
