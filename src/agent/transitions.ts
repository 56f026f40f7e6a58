import { tell } from "../act/on-transition.ts";
import { carryOutTransition, type Outcome } from "../act/transition.ts";
import { Stopped } from "../act/wait.ts";
import type { Transition } from "../decide/transition.ts";
import type { Ground } from "./ground.ts";

/**
 * The one queue of role changes of this node. What Keepalived wants now supersedes what is under way, if that is something
 * else; nothing is ever done twice at the same time.
 */
export class Transitions {
  readonly #ground: () => Ground;
  readonly #holdsVip: () => boolean;
  readonly #mayAct: () => boolean;
  #wanted: { transition: Transition; before: () => Promise<void> } | undefined;
  #current: Transition | undefined;

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
    return this.#wanted?.transition ?? this.#current;
  }

  /** `before`: one change of role that must not wait for the look. */
  want(transition: Transition, before: () => Promise<void> = async () => undefined): void {
    this.#wanted = { transition, before };
    if (!this.#current) void this.#work();
  }

  async #work(): Promise<void> {
    for (let next = this.#wanted; next; next = this.#wanted) {
      this.#wanted = undefined;
      this.#current = next.transition;
      await next.before().catch(() => undefined);
      await this.#carryOut(next.transition);
      this.#current = undefined;
    }
  }

  async #carryOut(transition: Transition): Promise<void> {
    const ground = this.#ground();
    const log = ground.log.child({ transition });
    const proceed = () => {
      const newer = this.#wanted?.transition;
      if (newer && newer !== transition) throw new Stopped(`superseded by ${newer}`);
      if (!this.#mayAct()) throw new Stopped("this agent stood still for too long: the hooks have taken over");
    };
    const started = performance.now();
    const wish = { transition, holdsVip: this.#holdsVip, dryRun: false };
    const outcome = await carryOutTransition({ ...ground, log, proceed }, wish);
    const duration_ms = Math.round((performance.now() - started) * 10) / 10;
    const { result, why, wayOut } = outcome;
    const fields = { result, duration_ms, why, way_out: wayOut };
    if (result === "done") log.info(`${transition} done`, fields);
    else if (result === "superseded") log.info(`${transition} given up: ${why}`, fields);
    else log.error(`${transition} ${result}: ${why}`, fields);
    void this.#tell(transition, outcome);
  }

  async #tell(transition: Transition, outcome: Outcome): Promise<void> {
    const { cluster, node, log } = this.#ground();
    await tell({ cluster, node, transition, log }, outcome);
  }
}
