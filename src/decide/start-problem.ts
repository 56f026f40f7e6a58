import type { KeepalivedProblem } from "../model/host-report.ts";

/** Why Keepalived does not start, and the command that mends it; undefined if nothing is known that keeps it from starting. */
export function whyNotStarting(
  problem: KeepalivedProblem | null | undefined,
  { start, doctor }: { start: string; doctor: string },
): { why: string; command: string } | undefined {
  if (problem?.is === "no-folder")
    return {
      why: `it does not start, since there is no folder ${problem.what} for its track files`,
      command: problem.made_at_boot ? `systemd-tmpfiles --create && ${start}` : `${doctor} state-folder`,
    };
  if (problem?.is === "configuration")
    return {
      why: `it does not start, since keepalived -t says ${problem.what}`,
      command: `vi /etc/keepalived/keepalived.conf && ${start}`,
    };
  return undefined;
}
