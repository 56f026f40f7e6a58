import { lstatSync, realpathSync, type Stats } from "node:fs";
import { dirname } from "node:path";

/**
 * Why Keepalived would refuse to run this file as root, if it would: every folder on the way must belong to root and be
 * writable by nobody else, symbolic links resolved (lib/notify.c, check_script_secure; executed on 2.2.7). Keepalived
 * itself checks `env` only, so this is the one check that our executables get.
 */
export function insecurity(path: string): string | undefined {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return `${path} does not exist`;
  }
  const file = lstatSync(real);
  if (!file.isFile()) return `${real} is no file`;
  if ((file.mode & 0o111) === 0) return `${real} lacks the run bit`;
  return pathOf(path)
    .concat(pathOf(real))
    .map(weakness)
    .find((found) => found !== undefined);
}

/** The path and all folders above it. */
function pathOf(path: string): string[] {
  return path === "/" ? ["/"] : [...pathOf(dirname(path)), path];
}

function weakness(path: string): string | undefined {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return undefined;
  if (stats.uid !== 0) return `${path} does not belong to root`;
  const sticky = stats.isDirectory() && (stats.mode & 0o1000) !== 0;
  return writableByOthers(stats) && !sticky ? `${path} is writable by others than root` : undefined;
}

const writableByOthers = ({ mode, gid }: Stats): boolean => (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0);
