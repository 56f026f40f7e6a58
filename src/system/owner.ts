import { lchownSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Gives a new file or folder to the owner of the folder that it is in. The agent runs as a user of its own, hooks and commands run as
 * root, and both write into the same folders. Nothing happens for other users than root, and where it fails the file stays root's.
 */
export function giveToFolderOwner(path: string): void {
  if (process.getuid?.() !== 0) return;
  try {
    const { uid, gid } = statSync(dirname(path));
    if (uid !== 0) lchownSync(path, uid, gid);
  } catch {
    return;
  }
}
