import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { readIfPresent } from "../../system/read-file.ts";

const auditLog = "/var/log/audit/audit.log";
const newest_bytes = 1 << 20;

/** Denials of Keepalived and of what it starts, in the newest part of the audit log. Throws if that can't be read. */
export function readSelinux(): { denials: number; last: string } {
  if (readIfPresent("/sys/fs/selinux/enforce")?.trim() !== "1") return { denials: 0, last: "" };
  return denialsIn(tailOf(auditLog));
}

/** Lines such as `type=AVC ... avc:  denied  { execute } for  pid=7 comm="sh" name="node" ... scontext=system_u:system_r:keepalived_t:s0 ...`. */
export function denialsIn(text: string): { denials: number; last: string } {
  const lines = text.split("\n").filter((line) => /\bavc: +denied\b.*scontext=\S*keepalived/.test(line));
  const [, rights = "", program = "", name = ""] =
    /\{ ([^}]*) \} for .*?comm="([^"]*)"(?:.*? name="([^"]*)")?/.exec(lines.at(-1) ?? "") ?? [];
  return { denials: lines.length, last: `${rights}${name === "" ? "" : ` of ${name}`} to ${program}` };
}

function tailOf(file: string): string {
  const fd = openSync(file, "r");
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, newest_bytes));
    readSync(fd, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8");
  } finally {
    closeSync(fd);
  }
}
