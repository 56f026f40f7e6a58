import { setTimeout as sleep } from "node:timers/promises";
import { fenceSeconds } from "../decide/facts.ts";
import type { PlanContext } from "../failover/context.ts";
import { carryOut } from "../failover/steps.ts";
import { dropVip } from "../keepalived/drop-vip.ts";
import { Sessions } from "../redis/sessions.ts";
import { keepalivedRuns } from "../system/processes.ts";
import type { Ground } from "./ground.ts";

const again_ms = 25;
const dying_ms = 2000;

export interface Post {
  ground(): Ground;
  holdsVip(): boolean;
  /** Another node could take over. */
  peerAnswers(): boolean;
}

/** Gives the virtual IP up where Keepalived can't any more: its adverts have ended, so another node takes it, too. */
export class StepDown {
  readonly #post: Post;
  #busy = false;
  #toldThatItStays = false;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Nobody writes to the FIFO, or (`hangs`) Keepalived doesn't do as told. Whether this node stepped down. */
  async consider(hangs: boolean): Promise<boolean> {
    if (this.#busy || !this.#post.holdsVip()) return false;
    this.#busy = true;
    try {
      if (!hangs && !(await this.#leftItsAddress())) return false;
      if (this.#post.peerAnswers()) await stepDown(this.#post.ground());
      else if (!this.#toldThatItStays)
        this.#post.ground().log.error("Keepalived is dead or hangs, and no peer answers: the virtual IP stays here");
      this.#toldThatItStays = !this.#post.peerAnswers();
      return !this.#toldThatItStays;
    } finally {
      this.#busy = false;
    }
  }

  /** Keepalived is dead, and not just at a reload, while the virtual IP is here. Its processes don't end all at once. */
  async #leftItsAddress(): Promise<boolean> {
    let dead = 0;
    for (const end_ms = performance.now() + dying_ms; performance.now() < end_ms; await sleep(again_ms)) {
      if (!this.#post.holdsVip()) return false;
      dead = keepalivedRuns() ? 0 : dead + 1;
      if (dead === 2) return true;
    }
    return false;
  }
}

/**
 * The address goes first, and with it every client. Writes wait until the next holder takes the role over, which ends the
 * fence, or until it ends by itself.
 */
async function stepDown(ground: Ground): Promise<void> {
  const context: PlanContext = { ...ground, proceed: () => undefined };
  const sessions = new Sessions(context);
  context.log.error("Keepalived is dead or hangs: stepping down");
  await carryOut({ do: "fence", seconds: fenceSeconds }, context, sessions).catch((error: Error) =>
    context.log.warn("can't hold writes back", { error: error.message }),
  );
  try {
    await dropVip(context.cluster, context.node);
    context.log.info("took the virtual IP off", { step: "drop-vip" });
  } catch (error) {
    context.log.error("can't take the virtual IP off", { error: (error as Error).message });
  }
  await carryOut({ do: "drop-clients" }, context, sessions);
}
