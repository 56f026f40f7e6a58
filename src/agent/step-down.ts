import { setTimeout as sleep } from "node:timers/promises";
import { type Run, Sessions } from "../act/run.ts";
import { carryOut } from "../act/steps.ts";
import { fenceSeconds } from "../decide/facts.ts";
import { dropVip } from "../keepalived/drop-vip.ts";
import { keepalivedRuns } from "../keepalived/process.ts";
import type { Ground } from "./ground.ts";

/** Keepalived is dead, and not just at a reload, while the virtual IP is here. */
export async function leftItsAddress(holdsVip: () => boolean): Promise<boolean> {
  for (let looks = 0; looks < 2; looks++) {
    if (keepalivedRuns() || !holdsVip()) return false;
    await sleep(again_ms);
  }
  return true;
}

const again_ms = 25;

/**
 * Keepalived died and left its address behind. The others take it after three adverts; ours goes first, and with it every
 * client. Writes wait until the next holder takes the role over, which ends the fence, or until it ends by itself.
 */
export async function stepDown(ground: Ground, peerAnswers: boolean): Promise<void> {
  if (!peerAnswers) {
    ground.log.error("Keepalived is dead or hangs, and no peer answers: the virtual IP stays here");
    return;
  }
  const run: Run = { ...ground, proceed: () => undefined };
  const sessions = new Sessions(run);
  run.log.error("Keepalived is dead or hangs: stepping down");
  await carryOut({ do: "fence", seconds: fenceSeconds }, run, sessions).catch((error: Error) =>
    run.log.warn("can't hold writes back", { error: error.message }),
  );
  try {
    await dropVip(run.cluster, run.node);
    run.log.info("took the virtual IP off", { step: "drop-vip" });
  } catch (error) {
    run.log.error("can't take the virtual IP off", { error: (error as Error).message });
  }
  await carryOut({ do: "drop-clients" }, run, sessions);
}
