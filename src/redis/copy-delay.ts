import { changeSetting, setting } from "./commands.ts";
import type { Session } from "./session.ts";

/**
 * A master waits for more replicas before it begins a diskless copy (repl-diskless-sync-delay, 5 s by default): most
 * of the time that a small recovery takes. There is one replica here, so it need not wait meanwhile.
 */
export async function withoutCopyDelay(master: Session): Promise<{ restore(): Promise<void> }> {
  const delay = "repl-diskless-sync-delay";
  try {
    const before = (await setting(master, delay)) ?? "0";
    if (before !== "0") await changeSetting(master, delay, "0");
    return { restore: async () => void (await changeSetting(master, delay, before).catch(() => undefined)) };
  } catch {
    return { restore: async () => undefined };
  }
}
