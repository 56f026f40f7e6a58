import { type Run, Sessions } from "../act/run.ts";
import { carryOut } from "../act/steps.ts";
import { fenceSeconds } from "../decide/facts.ts";
import { dropVip } from "../keepalived/drop-vip.ts";

/**
 * Keepalived died and left its address behind. The others take it after three adverts; ours goes first, and with it every
 * client. Writes wait until the next holder takes the role over, which ends the fence, or until it ends by itself.
 */
export async function stepDown(ground: Omit<Run, "proceed">): Promise<void> {
  const run: Run = { ...ground, proceed: () => undefined };
  const sessions = new Sessions(run);
  run.log.error("Keepalived is dead: stepping down", {});
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
