import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import spawn, { type SubprocessError } from "nano-spawn";
import { CommandRefused } from "../cluster/errors.ts";

const deadline_ms = 20_000;

/** Lets Keepalived itself read a configuration (`keepalived -t`). Rejects with a CommandRefused if it finds an error. */
export async function testConfig(text: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-"));
  try {
    const found = await errorIn(join(folder, "keepalived.conf"), text);
    if (found !== undefined)
      throw new CommandRefused(`keepalived -t refuses the configuration: ${found}`, {
        remedy: "nothing was installed; correct the cluster file, and run this again",
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same for what `conf` is to become, in its folder: what it includes is found from there. It has something of others. */
export async function testCombined(conf: string, text: string): Promise<void> {
  const file = join(dirname(conf), ".keepalived-redis-test");
  try {
    const found = await errorIn(file, text);
    if (found !== undefined)
      throw new CommandRefused(`keepalived -t refuses ${conf} together with ours: ${found.replaceAll(file, conf)}`, {
        remedy: "nothing was installed; correct what it names there or in a file that is included, and run this again",
      });
  } finally {
    rmSync(file, { force: true });
  }
}

/** What Keepalived says first about a text, if it refuses it. The file is left behind. */
async function errorIn(file: string, text: string): Promise<string | undefined> {
  writeFileSync(file, text, { mode: 0o600 });
  try {
    await spawn("keepalived", ["-t", "-f", file], { timeout: deadline_ms, stdin: "ignore" });
    return undefined;
  } catch (error) {
    const { exitCode, output = "", message } = error as SubprocessError;
    if (exitCode !== undefined) return output.trim().split("\n")[0] ?? "";
    throw new CommandRefused(`can't run keepalived -t: ${message.split("\n")[0]}`, {
      remedy: "install Keepalived (`apt install keepalived`), and run this again",
    });
  }
}
