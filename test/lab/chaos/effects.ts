import type { Kind } from "./plan.ts";

// With fewer of them it may be chance.
const manyRounds = 50;
const manyPlans = 5;

/** How many faults of each kind were planned, and how many of them had an effect. */
export class Effects {
  readonly #counts = new Map<Kind, { planned: number; had: number }>();

  add(kind: Kind, hadEffect: boolean): void {
    const { planned, had } = this.#counts.get(kind) ?? { planned: 0, had: 0 };
    this.#counts.set(kind, { planned: planned + 1, had: had + (hadEffect ? 1 : 0) });
  }

  /** The kinds that were tried in vain: a run of so many rounds has not tested what they are for. */
  inVain(rounds: number): Kind[] {
    if (rounds < manyRounds) return [];
    return [...this.#counts].flatMap(([kind, { planned, had }]) => (planned >= manyPlans && had === 0 ? [kind] : []));
  }

  toString(): string {
    const all = [...this.#counts].sort(([one], [other]) => one.localeCompare(other));
    return all.map(([kind, { planned, had }]) => `${kind} ${had} of ${planned}`).join(", ");
  }
}
