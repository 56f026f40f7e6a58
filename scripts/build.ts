import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

// yargs and yargs-parser ask for import.meta.url, which CommonJS has not (yargs#1929).
const importMetaUrl = 'const __importMetaUrl = require("node:url").pathToFileURL(__filename).href;';

/** Builds each `bin/NAME.ts` into one self-contained file `dist/NAME`; returns their paths. */
export async function buildAll(outFolder = join(root, "dist")): Promise<string[]> {
  const entries = readdirSync(join(root, "bin")).filter((name) => name.endsWith(".ts"));
  rmSync(outFolder, { recursive: true, force: true });
  mkdirSync(outFolder, { recursive: true });
  // The repository is ESM; without this Node would take the files beside it for ESM, too.
  writeFileSync(join(outFolder, "package.json"), '{ "type": "commonjs" }\n');
  for (const entry of entries) {
    const name = basename(entry, ".ts");
    const outfile = join(outFolder, name);
    const { metafile } = await build({
      entryPoints: [join(root, "bin", entry)],
      outfile,
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      // Unminified: it starts as fast (measured), and stack traces stay readable.
      minify: false,
      metafile: true,
      legalComments: "inline",
      mainFields: ["module", "main"],
      loader: { ".hbs": "text" },
      define: { "import.meta.url": "__importMetaUrl", __VERSION__: JSON.stringify(version) },
      // string-width's Intl.Segmenter and emoji tables cost 25 ms a start; our help texts are plain ASCII.
      // y18n would look for translations beside the executable, where a stray file could change our messages.
      alias: { "string-width": join(root, "scripts/stubs/string-width.ts"), y18n: join(root, "scripts/stubs/y18n.ts") },
      // The monitor has no yargs, and starts every second.
      banner: { js: `#!/usr/bin/env node\n${name === "monitor" ? "" : importMetaUrl}` },
      logLevel: "warning",
    });
    appendFileSync(outfile, licences(metafile));
    chmodSync(outfile, 0o755);
  }
  return entries.map((entry) => join(outFolder, basename(entry, ".ts")));
}

/** The licences of the packages in a bundle, as a comment at its end: they ask to go with every copy. */
function licences({ inputs }: Metafile): string {
  const folders = new Set(
    Object.keys(inputs).flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []),
  );
  const texts = [...folders].map((folder) => {
    const about = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Record<string, string>;
    const file = readdirSync(join(root, folder)).find((name) => /^(licen[cs]e|copying)/i.test(name));
    const text = file ? readFileSync(join(root, folder, file), "utf8").trim() : "(no licence text in the package)";
    return `${about.name} ${about.version} (${about.license})\n\n${text}`;
  });
  return `\n/* Third-party code in this file and its licences\n\n${texts.sort().join("\n\n").replaceAll("*/", "* /")}\n*/\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const built = await buildAll();
  console.log(`built ${built.length} executables in ${Math.round(performance.now() - started)} ms`);
}
