import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../../src/cluster/paths.ts";
import { root } from "../checks.ts";
import { docs, put, putTemplate, textOf } from "./files.ts";
import { stripped } from "./strip.ts";
import { run } from "./tool.ts";

interface Pinned {
  version: string;
  packages: Record<Arch, { name: string; integrity: string }>;
}

export const architectures = ["amd64", "arm64"] as const;
export type Arch = (typeof architectures)[number];

const pinned = JSON.parse(readFileSync(join(root, "packaging/node.json"), "utf8")) as Pinned;

/**
 * Adds Node for one architecture and the licences of all that is in the package. `npm pack` fetches an npm package without
 * installing it, and keeps it in npm's own cache: `npm ci` need not download Node for two architectures.
 */
export function addNode(tree: string, arch: Arch, work: string): void {
  const { name, integrity } = pinned.packages[arch];
  const folder = join(work, name);
  mkdirSync(folder);
  const archive = join(folder, `${name}-${pinned.version}.tgz`);
  run("npm", ["pack", "--silent", "--prefer-offline", `--pack-destination=${folder}`, `${name}@${pinned.version}`]);
  if (!existsSync(archive)) throw new Error(`npm pack did not write ${archive}`);
  const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (found !== integrity) throw new Error(`${name} ${pinned.version} is not what packaging/node.json pins: ${found}`);
  run("tar", [
    "--extract",
    "--gzip",
    `--file=${archive}`,
    `--directory=${folder}`,
    "package/bin/node",
    "package/LICENSE",
  ]);
  put(tree, `${packageFolder}/node`, stripped(readFileSync(join(folder, "package/bin/node"))), 0o755);
  putTemplate(tree, `${docs}/copyright`, "copyright", {
    folder: packageFolder,
    licence: textOf("LICENSE").trim(),
    third_party: readFileSync(join(work, "THIRD-PARTY-LICENSES"), "utf8").trim(),
    node_version: pinned.version,
    node_package: name,
    node_licence: readFileSync(join(folder, "package/LICENSE"), "utf8").trim(),
  });
}
