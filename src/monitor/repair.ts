import { join } from "node:path";
import type { Transition } from "../model/transition.ts";

/**
 * Has a hook done once more. Keepalived calls a hook once a transition; one that was killed, or that came before Redis
 * was back, would else be missed until the next. It runs on by itself, gives way to whatever Keepalived says meanwhile,
 * and does nothing while another hook is at work.
 */
export async function startRepair(
  binFolder: string,
  transition: Transition,
  options: readonly string[],
): Promise<void> {
  // Loaded here: a healthy run of the monitor never comes here, and would pay 3 ms for it.
  const { spawn } = await import("node:child_process");
  const hook = join(binFolder, `notify-${transition.toLowerCase()}`);
  const child = spawn(hook, [...options, "--repair"], { detached: true, stdio: "ignore" });
  // The monitor may stand alone in its folder; its verdict counts all the same.
  child.on("error", () => undefined);
  child.unref();
}
