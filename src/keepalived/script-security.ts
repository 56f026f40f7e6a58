import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Why root must not run this file, if so: somebody else could change it, or what leads to it. The rules are Keepalived's
 * script security (lib/notify.c of 2.2.7, check_security; executed): every folder on the way belongs to root and is
 * writable by nobody else, or has the sticky bit. Keepalived looks at `env` only, so this is the one look that our
 * executables get; and env follows symbolic links at each start, so every link on the way counts, too.
 */
export function insecurity(path: string): string | undefined {
  try {
    return walk("/", resolve(path).split("/").filter(Boolean), 0);
  } catch (error) {
    const { code, path: missing = path } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? `${missing} does not exist` : `${missing} can't be looked at (${code})`;
  }
}

const mostLinks = 40;

/** Looks at `at` and then at all that is left of the way, in the order in which the kernel goes it. */
function walk(at: string, left: readonly string[], links: number): string | undefined {
  const stats = lstatSync(at);
  const problem = weakness(at, stats);
  if (problem) return problem;
  if (stats.isSymbolicLink()) {
    if (links === mostLinks) return `${at} is one of too many symbolic links`;
    const target = resolve(dirname(at), readlinkSync(at));
    return walk("/", [...target.split("/").filter(Boolean), ...left], links + 1);
  }
  const [next, ...others] = left;
  if (next !== undefined) return walk(join(at, next), others, links);
  if (!stats.isFile()) return `${at} is no file`;
  return (stats.mode & 0o111) === 0 ? `${at} lacks the run bit` : undefined;
}

function weakness(path: string, stats: Stats): string | undefined {
  if (stats.uid !== 0) return `${path} does not belong to root`;
  const sticky = stats.isDirectory() && (stats.mode & 0o1000) !== 0;
  if (stats.isSymbolicLink() || sticky || !writableByOthers(stats)) return undefined;
  return `${path} is writable by others than root`;
}

const writableByOthers = ({ mode, gid }: Stats): boolean => (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0);
