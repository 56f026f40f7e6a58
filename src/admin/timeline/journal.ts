import spawn, { type SubprocessError } from "nano-spawn";
import { CommandRefused } from "../../cluster/errors.ts";

const deadline_ms = 60_000;
// An incident that goes on at that time began before.
const before_ms = 3_600_000;

/** The lines of this project that the journal of this host has, of every cluster and executable. Throws a CommandRefused. */
export async function journalLog(since_ms: number): Promise<string> {
  const since = Number.isFinite(since_ms) ? [`--since=@${Math.floor((since_ms - before_ms) / 1000)}`] : [];
  // cat: the message alone, which is the line as in the file. Without --all a long one is shortened.
  const options = ["--identifier=keepalived-redis", "--output=cat", "--all", "--quiet", "--no-pager", ...since];
  const { stdout } = await spawn("journalctl", options, { timeout: deadline_ms, stdin: "ignore" }).catch(cantRead);
  if (stdout.trim() === "")
    throw new CommandRefused("the journal has no line of keepalived-redis", {
      remedy:
        "`journalctl -t keepalived-redis` shows them to root and the group systemd-journal; or name the logs: timeline FILE...",
    });
  return stdout;
}

function cantRead(error: SubprocessError): never {
  const { exitCode, stderr, message } = error;
  const why = stderr?.trim().split("\n").at(-1) || (exitCode === undefined ? message : `exit ${exitCode}`);
  throw new CommandRefused(`can't read the journal: ${why}`, {
    remedy: "name the logs: timeline FILE...",
  });
}
