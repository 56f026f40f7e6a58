import { join } from "node:path";
import type { Transition } from "../model/transition.ts";

/**
 * Starts a hook again. Keepalived calls a hook once for each transition; if it was killed, or Redis was not back yet, nothing would
 * happen until the next one. The hook runs in the background, stops for a newer transition, and does nothing while another hook
 * is running.
 */
export async function startRepair(
  binFolder: string,
  transition: Transition,
  options: readonly string[],
): Promise<void> {
  // Imported here: it takes 3 ms, which a healthy run of the monitor saves.
  const { spawn } = await import("node:child_process");
  const hook = join(binFolder, `notify-${transition.toLowerCase()}`);
  const child = spawn(hook, [...options, "--repair"], { detached: true, stdio: "ignore" });
  // The hook may be missing, if only the monitor was installed. The verdict counts anyway.
  child.on("error", () => undefined);
  child.unref();
}
