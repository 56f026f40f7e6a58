import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { type Mutant, mutantsOf } from "./collect.ts";
import { chosen, withMutants } from "./instrument.ts";
import { pathNames, withSourcePath } from "./source-path.ts";

/** The folders, below the root, of the code to mutate and of its tests. */
export interface Project {
  root: string;
  code: string;
  tests: string;
}

/** A mutant with its number in the bundle. */
export type Numbered = Mutant & { id: number };

const replacements: Readonly<Record<string, string>> = {
  "node:test": fileURLToPath(new URL("node-test-replacement.ts", import.meta.url)),
  "fast-check": fileURLToPath(new URL("fast-check-replacement.ts", import.meta.url)),
};

const options = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  loader: { ".hbs": "text" },
  logLevel: "silent",
} as const satisfies esbuild.BuildOptions;

/** All mutants of the code, in the order of the files and numbered from 1. */
export function allMutants({ root, code }: Project): Numbered[] {
  const files = filesBelow(join(root, code), ".ts").map((file) => relative(join(root, code), file));
  const mutants = files.flatMap((file) => mutantsOf(file, readFileSync(join(root, code, file), "utf8")));
  return mutants.map((mutant, index) => ({ ...mutant, id: index + 1 }));
}

/** Bundles the tests with all mutants of the code into one file. The environment variable MUTANT activates one of them. */
export async function bundleWith(project: Project, mutants: readonly Numbered[], outfile: string): Promise<void> {
  const code = join(project.root, project.code);
  const mutated = ({ path }: { path: string }): esbuild.OnLoadResult => {
    if (!path.startsWith(`${code}${sep}`)) return withSourcePath({ path });
    const inFile = mutants.filter(({ file }) => join(code, file) === path);
    return { contents: withMutants(readFileSync(path, "utf8"), inFile), loader: "ts" };
  };
  const imports = (await testsOf(project)).map((file) => `import ${JSON.stringify(file)};\n`).join("");
  await esbuild.build({
    ...options,
    absWorkingDir: project.root,
    stdin: {
      contents: `import { runTests } from "node:test";\n${imports}await runTests();\n`,
      resolveDir: project.root,
    },
    outfile,
    define: pathNames,
    banner: { js: `const ${chosen} = Number(process.env.MUTANT ?? 0);` },
    plugins: [
      {
        name: "mutants",
        setup: ({ onLoad, onResolve }) => {
          onResolve({ filter: /^(node:test|fast-check)$/ }, ({ path, importer }) =>
            importer === replacements[path] ? undefined : { path: replacements[path] },
          );
          onLoad({ filter: /\.ts$/ }, mutated);
        },
      },
    ],
  });
}

/** The test files that import the code, directly or through another test file. */
async function testsOf({ root, code, tests }: Project): Promise<string[]> {
  const files = filesBelow(join(root, tests), ".test.ts");
  const { metafile } = await esbuild.build({
    ...options,
    absWorkingDir: root,
    entryPoints: files,
    outdir: root,
    packages: "external",
    metafile: true,
    write: false,
  });
  const importsOf = (path: string): string[] => (metafile.inputs[path]?.imports ?? []).map((one) => one.path);
  const reachesCode = (path: string, seen = new Set<string>()): boolean =>
    importsOf(path).some((next) => {
      if (next.startsWith(`${code}/`)) return true;
      return next.startsWith(`${tests}/`) && !seen.has(next) && reachesCode(next, seen.add(next));
    });
  return files.filter((file) => reachesCode(relative(root, file)));
}

function filesBelow(folder: string, ending: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(ending));
  return files.sort().map((file) => join(folder, file));
}
