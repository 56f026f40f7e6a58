import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../../src/cluster/paths.ts";

export interface Entry {
  /** As `ls -l` shows it. */
  mode: string;
  owner: string;
  path: string;
}

const output = (program: string, args: string[]): string =>
  execFileSync(program, args, { encoding: "utf8", maxBuffer: 2 ** 26 }).trim();

const rpmFields = (file: string, fields: string): string =>
  output("rpm", ["--query", "--package", "--queryformat", `[${fields}\\n]`, file]);

/** All files and folders that a package has. An .rpm names only its own folders. */
export function entriesOf(file: string): Entry[] {
  return listing(file)
    .split("\n")
    .map((line) => {
      const [mode = "", owner = "", , , , path = ""] = line.split(/\s+/);
      return { mode, owner, path: path.slice(1) };
    });
}

/** As `tar --list --verbose` prints it. */
function listing(file: string): string {
  if (file.endsWith(".rpm"))
    return rpmFields(file, "%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} - - - .%{FILENAMES}");
  return file.endsWith(".deb")
    ? output("dpkg-deb", ["--contents", file])
    : output("tar", ["--list", "--verbose", "--file", file]);
}

/** `root:root`, and nobody else can write it; it can be run where it is a command. */
export function isOfRoot({ mode, owner, path }: Entry): boolean {
  const runs = path.endsWith("/sbin/keepalived-redis") || new RegExp(`^${packageFolder}/[\\w-]+$`).test(path);
  return owner === "root/root" && mode === (mode.startsWith("d") ? "drwxr-xr-x" : runs ? "-rwxr-xr-x" : "-rw-r--r--");
}

export const filesOf = (entries: readonly Entry[]): string[] =>
  entries.filter(({ mode }) => mode.startsWith("-")).map(({ path }) => path);

export interface Contents {
  file: string;
  entries: Entry[];
  /** The folder that it was unpacked into. An .rpm is not: it names the digest of each of its files. */
  tree?: string;
  /** The digest of each file, by its path. */
  digests: Map<string, string>;
}

export function contentsOf(file: string, tree: string): Contents {
  const entries = entriesOf(file);
  if (file.endsWith(".rpm")) {
    const lines = rpmFields(file, "%{FILENAMES} %{FILEDIGESTS}").split("\n");
    const digests = lines.map((line) => line.split(" ") as [string, string]).filter(([, digest]) => digest);
    return { file, entries, digests: new Map(digests) };
  }
  unpack(file, tree);
  const digests = filesOf(entries).map((path): [string, string] => [path, sha256(join(tree, path))]);
  return { file, entries, tree, digests: new Map(digests) };
}

/** Returns the folder that the package was unpacked into. */
export function unpack(file: string, tree: string): string {
  mkdirSync(tree, { recursive: true });
  if (file.endsWith(".deb")) execFileSync("dpkg-deb", ["--raw-extract", file, tree]);
  else execFileSync("tar", ["--extract", "--file", file, "--directory", tree]);
  return tree;
}

export const sha256 = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");
