import { UsageError } from "../../cluster/errors.ts";

const units_s: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The time that `--since` names: 30m, 2h, 3d, or a time such as 2026-12-31T18:00. Throws a UsageError. */
export function sinceMoment(text: string, now_ms: number): number {
  const [, number = "", unit = ""] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const moment_ms = number === "" ? Date.parse(text) : now_ms - Number(number) * (units_s[unit] ?? 0) * 1000;
  if (Number.isNaN(moment_ms))
    throw new UsageError(`--since ${text} is no time`, { remedy: "such as 30m, 2h, 3d or 2026-12-31T18:00" });
  return moment_ms;
}
