import type { Transition } from "../model/transition.ts";

const meaning: Readonly<Record<string, Transition>> = {
  MASTER: "MASTER",
  // Still master after a split: the one way to hear of it.
  MASTER_RX_LOWER_PRI: "MASTER",
  BACKUP: "BACKUP",
  FAULT: "FAULT",
  STOP: "STOP",
};

/** What Keepalived wants this node to be, as far as it was heard. */
export class LastWord {
  #transition: Transition | undefined;

  constructor(before: Transition | undefined) {
    this.#transition = before;
  }

  get transition(): Transition | undefined {
    return this.#transition;
  }

  /** A state on the FIFO, and the transition it asks for; none for one that changes no role. */
  heard(state: string): Transition | undefined {
    const transition = meaning[state];
    this.#transition = transition ?? this.#transition;
    return transition;
  }

  /**
   * The transition that nobody told of: its line was lost in a full pipe, read by somebody else, or never written. Where the
   * address is, is the truth; one that a dead Keepalived left behind says nothing.
   */
  missed(holdsVip: boolean, keepalivedRuns: () => boolean): Transition | undefined {
    if (!holdsVip && this.#transition === "MASTER") return this.heard("BACKUP");
    if (holdsVip && this.#transition !== "MASTER" && keepalivedRuns()) return this.heard("MASTER");
    return undefined;
  }
}
