import { Stopped, Superseded } from "../failover/errors.ts";
import { runNotifyCommand } from "../failover/notify-command.ts";
import { logOutcome, type Outcome } from "../failover/outcome.ts";
import { carryOutTransition } from "../failover/transition.ts";
import type { Transition } from "../model/transition.ts";
import type { Ground } from "./ground.ts";

/**
 * The one queue of role changes of this node. What Keepalived wants now supersedes what is under way, if that is something
 * else; nothing is ever done twice at the same time.
 */
export class Transitions {
  readonly #ground: () => Ground;
  readonly #holdsVip: () => boolean;
  readonly #mayAct: () => boolean;
  #wanted: Transition | undefined;
  #errand: (() => Promise<void>) | undefined;
  #current: Transition | "errand" | undefined;

  constructor(ground: () => Ground, holdsVip: () => boolean, mayAct: () => boolean) {
    this.#ground = ground;
    this.#holdsVip = holdsVip;
    this.#mayAct = mayAct;
  }

  get atWork(): boolean {
    return this.#current !== undefined;
  }

  /** What is under way, or about to be. */
  get aim(): Transition | undefined {
    return this.#wanted ?? (this.#current === "errand" ? undefined : this.#current);
  }

  want(transition: Transition): void {
    this.#wanted = transition;
    if (!this.#current) void this.#work();
  }

  /** One change of role that no table has to decide, in its turn and before the next transition. */
  send(errand: () => Promise<void>): void {
    this.#errand = errand;
    if (!this.#current) void this.#work();
  }

  async #work(): Promise<void> {
    while (this.#errand || this.#wanted) {
      const [errand, transition] = [this.#errand, this.#wanted];
      if (errand) {
        this.#current = "errand";
        this.#errand = undefined;
        await errand().catch(() => undefined);
      } else if (transition) {
        this.#current = transition;
        this.#wanted = undefined;
        await this.#carryOut(transition);
      }
      this.#current = undefined;
    }
  }

  async #carryOut(transition: Transition): Promise<void> {
    const ground = this.#ground();
    const log = ground.log.child({ transition });
    const proceed = () => {
      const newer = this.#wanted;
      if (newer && newer !== transition) throw new Superseded(newer);
      if (!this.#mayAct()) throw new Stopped("this agent stood still for too long: the hooks have taken over");
    };
    const started = performance.now();
    const wish = { transition, holdsVip: this.#holdsVip, dryRun: false };
    const outcome = await carryOutTransition({ ...ground, log, proceed }, wish);
    logOutcome(log, transition, outcome, started);
    void this.#tell(transition, outcome);
  }

  async #tell(transition: Transition, outcome: Outcome): Promise<void> {
    await runNotifyCommand(this.#ground(), transition, outcome);
  }
}
