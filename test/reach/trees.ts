import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { root } from "../../scripts/checks.ts";
import type { Cell } from "./cells.ts";

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const make_ms = 30 * 60_000;

/** Where trees and Nodes are kept between runs. */
export const cache = process.env.KEEPALIVED_REDIS_REACH ?? "/var/cache/keepalived-redis-reach";

const treeOf = ({ name }: Cell["tree"]): string => join(cache, name);

/** Makes what the cell needs and is not there yet. */
export async function prepare({ tree, newer, older, node }: Cell): Promise<void> {
  mkdirSync(cache, { recursive: true });
  for (const one of newer ? [tree, newer] : [tree]) {
    const command = [script("tree.sh"), one.release, treeOf(one), ...one.packages];
    await promisify(execFile)("bash", command, { timeout: make_ms, maxBuffer: 2 ** 26 });
  }
  if (/^\d/.test(node)) getNode(node);
  if (older) buildOlder(older);
}

/** The file of Node alone, from the npm package that has it for this processor. */
function getNode(version: string): void {
  const folder = join(cache, `node-${version}`);
  if (existsSync(folder)) return;
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(fresh, "bin"), { recursive: true });
  const packed = execFileSync("npm", ["pack", "--silent", `node-linux-${process.arch}@${version}`], {
    ...{ cwd: fresh, encoding: "utf8" },
  });
  const file = packed.trim().split("\n").at(-1) ?? "";
  execFileSync("tar", ["-xzf", file, "--strip-components=1", "package/bin/node"], { cwd: fresh });
  rmSync(join(fresh, file));
  renameSync(fresh, folder);
}

/** Builds the executables of a commit, with the packages of this checkout. */
function buildOlder(commit: string): void {
  const folder = join(cache, `older-${commit}`);
  if (existsSync(join(folder, "dist"))) return;
  mkdirSync(folder, { recursive: true });
  const archive = execFileSync("git", ["archive", commit], { cwd: root, maxBuffer: 2 ** 28 });
  execFileSync("tar", ["-x"], { cwd: folder, input: archive });
  rmSync(join(folder, "node_modules"), { force: true });
  symlinkSync(realpathSync(join(root, "node_modules")), join(folder, "node_modules"));
  execFileSync(process.execPath, ["--import", "tsx", "scripts/build.ts"], { cwd: folder, stdio: "ignore" });
}

/** The command line that runs `command` in the cell. */
export const inCell = ({ tree, newer, older, node }: Cell, command: readonly string[]): string[] => [
  ...["bash", script("in-tree.sh"), treeOf(tree)],
  ...(/^\d/.test(node) ? [`node=${join(cache, `node-${node}`)}`] : []),
  ...(newer ? [`newer=${treeOf(newer)}`] : []),
  ...(older ? [`older=${join(cache, `older-${older}`, "dist")}`] : []),
  ...["--", ...command],
];
