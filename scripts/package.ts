import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./checks.ts";
import { type Format, formats } from "./package/formats.ts";
import { type Arch, addNode, architectures } from "./package/node-binary.ts";
import { releaseOf } from "./package/release.ts";
import { stage } from "./package/stage.ts";
import { MissingTool } from "./package/tool.ts";

// npm run package: writes packages/, every format for every architecture, or those that --arch and --format name. The same commit gives
// the same bytes on the same release of Debian.

const usage = `npm run package [-- --arch ${architectures.join("|")} --format ${Object.keys(formats).join("|")} --version VERSION --output FOLDER]`;

class UsageError extends Error {}

async function main(argv: string[]): Promise<void> {
  const { values } = parse(argv);
  const release = releaseOf(values.version);
  const chosenFormats = oneOf<Format>(values.format, Object.keys(formats) as Format[]);
  const chosenArchitectures = oneOf<Arch>(values.arch, architectures);
  const output = resolve(root, values.output ?? "packages");
  process.umask(0o022);
  mkdirSync(output, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "keepalived-redis-package-"));
  try {
    const common = join(work, "common");
    await stage(common, release);
    for (const arch of chosenArchitectures) {
      const tree = join(work, arch);
      cpSync(common, tree, { recursive: true });
      addNode(tree, arch, work);
      for (const format of chosenFormats) {
        try {
          console.log(formats[format]({ tree, arch, release, output, work }));
        } catch (error) {
          // A fresh machine has no rpmbuild.
          if (!(error instanceof MissingTool) || values.format) throw error;
          console.error(`package: no ${format} for ${arch}: ${error.message}`);
        }
      }
    }
  } finally {
    rmSync(work, { recursive: true });
  }
}

function parse(argv: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: argv,
      options: { arch: { ...text, multiple: true }, format: { ...text, multiple: true }, version: text, output: text },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function oneOf<Word extends string>(given: string[] | undefined, known: readonly Word[]): Word[] {
  const unknown = given?.find((word) => !known.includes(word as Word));
  if (unknown !== undefined) throw new UsageError(`${unknown}: it is one of ${known.join(", ")}`);
  return known.filter((word) => given === undefined || given.includes(word));
}

main(process.argv.slice(2)).catch((error: Error) => {
  const expected = error instanceof UsageError || error instanceof MissingTool;
  console.error(
    `package: ${expected ? error.message : error.stack}${error instanceof UsageError ? `\n  ${usage}` : ""}`,
  );
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
