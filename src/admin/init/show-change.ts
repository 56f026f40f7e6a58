import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Change } from "./change-files.ts";

const deadline_ms = 10_000;

/** A change as a unified diff, without the passwords. */
export function diffOf({ path, before, text }: Change, secrets: readonly string[]): string {
  const [old, fresh] = [masked(before ?? "", secrets), masked(text, secrets)];
  if (before === text) return `${path}: its mode\n`;
  if (old === fresh) return `${path}: the password in it\n`;
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-"));
  try {
    writeFileSync(join(folder, "old"), old);
    writeFileSync(join(folder, "new"), fresh);
    const labels = ["--label", before === undefined ? "/dev/null" : path, "--label", path];
    const args = ["-u", ...labels, join(folder, "old"), join(folder, "new")];
    const { stdout } = spawnSync("diff", args, { encoding: "utf8", timeout: deadline_ms });
    return stdout || wholeFile(path, fresh);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// A host without diff(1).
const wholeFile = (path: string, text: string): string => `+++ ${path}\n${text.replaceAll(/^/gm, "+")}\n`;

const settings = /^(\s*(?:requirepass|masterauth|auth_pass)\s+).+$/gm;

const masked = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((one) => one !== "")
    .reduce((left, secret) => left.replaceAll(secret, "***"), text)
    .replaceAll(settings, "$1***");
