import type { Action, Component, Kind, RoundPlan } from "./plan.ts";
import { Random } from "./random.ts";
import { type FaultSet, weightsOf } from "./weights.ts";

const howMany = { "1": 25, "2": 35, "3": 25, "4": 15 };
const pauses = { together: 30, shortly: 35, later: 35 };

const lateSeed = 12;

/** A round of a seed. It does not depend on the rounds before it. */
export function roundOf(seed: number, round: number, set: FaultSet): RoundPlan {
  const random = new Random(seed, round);
  const weights = weightsOf(set);
  const count = Number(random.weighted(howMany));
  const actions: Action[] = [];
  let at_ms = random.whole(0, 300);
  for (let index = 0; index < count; index++) {
    if (index > 0) at_ms += pause(random);
    const kind = random.weighted(weights);
    const target = random.chance(0.65) || onlyOnMaster.includes(kind) ? "master" : "replica";
    actions.push({ at_ms, kind, target, for_ms: lasting(kind, random) });
  }
  const early_ms = at_ms + random.whole(200, 4500);
  // Faults that last longer than what the product waits for. Numbers of its own: all else of a seed's rounds stays.
  const late = new Random(seed, round, lateSeed);
  const isLate = set.faults === "all" && late.chance(0.2);
  return {
    actions: prerequisitesFirst(actions),
    heal_at_ms: isLate ? Math.max(early_ms, late.whole(12_000, 16_000)) : early_ms,
    healing: shuffled(["network", "redis", "keepalived"], random),
  };
}

/** The settings of all rounds of a seed. */
export function settingsOf(seed: number): { save: string; persistence: "unmanaged" | "replica" } {
  const random = new Random(seed);
  return {
    save: random.chance(0.5) ? "1 1" : "",
    persistence: random.chance(0.25) ? "replica" : "unmanaged",
  };
}

function pause(random: Random): number {
  const kind = random.weighted(pauses);
  return kind === "together" ? random.whole(0, 5) : kind === "shortly" ? random.whole(5, 400) : random.whole(400, 3000);
}

function lasting(kind: Kind, random: Random): number {
  if (kind === "kill-hook") return random.whole(1, 250);
  if (kind === "sleep-redis") return random.whole(100, 4000);
  if (kind.startsWith("restart-redis")) return random.chance(0.5) ? 0 : random.whole(1, 1500);
  if (kind === "kill-redis" || kind === "reload-keepalived" || kind === "planned-move") return 0;
  if (kind === "write-script") return random.whole(1000, 3000);
  if (kind === "pause-host") return random.whole(1000, 4000);
  if (kind === "expire-keys") return random.whole(300, 4000);
  if (kind === "cold-start" || kind === "crash-last-node") return random.chance(0.5) ? 0 : random.whole(1, 1500);
  return random.chance(0.4) ? 0 : random.whole(50, 3500);
}

/** A replica refuses them. */
const onlyOnMaster: readonly Kind[] = ["write-script", "expire-keys"];

// These have an effect only together with another fault, and must be in place before it.
const prerequisites: readonly Kind[] = ["kill-hook", "fill-disk", "expire-keys"];

function prerequisitesFirst(actions: readonly Action[]): Action[] {
  const first_ms = Math.min(...actions.map(({ at_ms }) => at_ms));
  return actions
    .map((action) => (prerequisites.includes(action.kind) ? { ...action, at_ms: first_ms } : action))
    .sort(
      (one, other) =>
        one.at_ms - other.at_ms ||
        Number(prerequisites.includes(other.kind)) - Number(prerequisites.includes(one.kind)),
    );
}

function shuffled(parts: Component[], random: Random): Component[] {
  return parts
    .map((part) => ({ part, place: random.next() }))
    .sort((one, other) => one.place - other.place)
    .map(({ part }) => part);
}
