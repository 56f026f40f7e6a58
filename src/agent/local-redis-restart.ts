import { ReplyError } from "../redis/session.ts";
import type { Ground } from "./ground.ts";
import { parkRestarted } from "./parking.ts";

export interface Returning {
  ground(): Ground;
  /** An operator is at work: nothing is changed. */
  byHand(): boolean;
  /** A transition is under way, and compares histories. */
  comparing(): boolean;
  /** It may be looked at again. */
  back(): void;
}

/** What is done when our own Redis answers again, perhaps as another process than before. */
export class OwnReturn {
  readonly #keeper: Returning;
  #runId: string | undefined;

  constructor(keeper: Returning) {
    this.#keeper = keeper;
  }

  async happened(): Promise<void> {
    const keeper = this.#keeper;
    const ground = keeper.ground();
    const known = keeper.byHand() ? undefined : this.#runId;
    try {
      this.#runId = await parkRestarted(known, ground, { loading: keeper.back, comparing: keeper.comparing });
    } catch (error) {
      ground.log.warn("our Redis is back, and gone again", { error: (error as Error).message });
      if (!(error instanceof ReplyError)) return;
    }
    keeper.back();
  }
}
