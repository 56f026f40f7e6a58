import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import spawn, { type SubprocessError } from "nano-spawn";
import { CommandRefused } from "../cluster/errors.ts";

const deadline_ms = 20_000;

/** Lets Keepalived itself read a configuration (`keepalived -t`). Rejects with a CommandRefused if it finds an error. */
export async function testConfig(text: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-"));
  const file = join(folder, "keepalived.conf");
  try {
    writeFileSync(file, text, { mode: 0o600 });
    await spawn("keepalived", ["-t", "-f", file], { timeout: deadline_ms, stdin: "ignore" });
  } catch (error) {
    const { exitCode, output = "", message } = error as SubprocessError;
    if (exitCode === undefined)
      throw new CommandRefused(`can't run keepalived -t: ${message.split("\n")[0]}`, {
        remedy: "install Keepalived (`apt install keepalived`), and run this again",
      });
    throw new CommandRefused(`keepalived -t refuses the configuration: ${output.trim().split("\n")[0] ?? ""}`, {
      remedy: "nothing was installed; correct the cluster file, and run this again",
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
