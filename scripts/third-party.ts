import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

export interface Package {
  name: string;
  version: string;
  licence: string;
  /** The text of its licence file, which most licences require in every copy. */
  text: string;
}

/** The packages whose code is in this bundle, sorted by name. The paths of the metafile are relative to `root`. */
export function packagesIn(bundle: Metafile, root: string): Package[] {
  const inputs = Object.values(bundle.outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = inputs.flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? (/^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []) : [],
  );
  return [...new Set(folders)]
    .map((folder) => read(join(root, folder)))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function read(folder: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    [key: string]: string;
  };
  const file = readdirSync(folder).find((one) => /^(licen[cs]e|copying)/i.test(one));
  if (!name || !version || !license || !file) throw new Error(`${folder}: no name, version, licence or licence file`);
  return { name, version, licence: license, text: readFileSync(join(folder, file), "utf8").trim() };
}

/** The licences of these packages as one text. */
export function notices(packages: readonly Package[]): string {
  const texts = packages.map(
    ({ name, version, licence, text }) => `${"-".repeat(80)}\n${name} ${version} (${licence})\n\n${text}\n`,
  );
  return `Third-party code in keepalived-redis, and its licences\n\n${texts.join("\n")}`;
}
