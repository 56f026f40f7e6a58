import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Why root must not run this file: another user could change it, or a folder or link of its path. Undefined if it is secure. The
 * rules are those of Keepalived's script security: all belong to root and are writable by root only, or have the sticky bit.
 * Keepalived checks only `env`, so the executables are checked here. See docs/notes/keepalived.md.
 */
export function insecurity(path: string): string | undefined {
  try {
    return walk("/", resolve(path).split("/").filter(Boolean), 0);
  } catch (error) {
    const { code, path: missing = path } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? `${missing} does not exist` : `${missing} can't be read (${code})`;
  }
}

const maxLinks = 40;

/** Checks `at` and then the parts of the path that are left, in the order in which the kernel resolves them. */
function walk(at: string, left: readonly string[], links: number): string | undefined {
  const stats = lstatSync(at);
  const problem = weakness(at, stats);
  if (problem) return problem;
  if (stats.isSymbolicLink()) {
    if (links === maxLinks) return `the path has more than ${maxLinks} symbolic links, the last one is ${at}`;
    const target = resolve(dirname(at), readlinkSync(at));
    return walk("/", [...target.split("/").filter(Boolean), ...left], links + 1);
  }
  const [next, ...others] = left;
  if (next !== undefined) return walk(join(at, next), others, links);
  if (!stats.isFile()) return `${at} is not a file`;
  return (stats.mode & 0o111) === 0 ? `${at} is not executable` : undefined;
}

function weakness(path: string, stats: Stats): string | undefined {
  if (stats.uid !== 0) return `${path} does not belong to root`;
  const sticky = stats.isDirectory() && (stats.mode & 0o1000) !== 0;
  if (stats.isSymbolicLink() || sticky || !writableByOthers(stats)) return undefined;
  return `${path} is writable by users other than root`;
}

const writableByOthers = ({ mode, gid }: Stats): boolean => (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0);
