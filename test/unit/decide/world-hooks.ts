import { isDeepStrictEqual } from "node:util";
import { compareHistories, contained } from "../../../src/decide/history.ts";
import { unfenceFirst } from "../../../src/decide/plan.ts";
import { nothingToLose } from "../../../src/decide/situation.ts";
import { decide } from "../../../src/decide/transition.ts";
import type { Plan, Step } from "../../../src/model/plan.ts";
import type { Transition } from "../../../src/model/transition.ts";
import { type Server, StepFailed, type World } from "./world.ts";

/**
 * A hook at work in the model world, as failover/ does it: it yields before every command that it sends, so that anything can
 * happen in between, its own end included. Returns how it ended.
 */
export function* hook(world: World, name: string, transition: Transition): Generator<string, string> {
  const plan = () => decide(transition, world.situation(name));
  let givenUp: Plan | undefined;
  for (let round = 0; round < 6; round++) {
    yield "look";
    if (!world.of(name).up) return "its Redis is down";
    const now = plan();
    if (unfenceFirst(givenUp, now)) world.of(name).paused = false;
    const settled = yield* steps(world, name, now, plan);
    givenUp = settled ? undefined : now;
    if (now.refusal) return `refused: ${now.refusal.cause}`;
    if (settled && !now.again) return "done";
  }
  return "failed";
}

function* steps(world: World, name: string, { steps }: Plan, again: () => Plan): Generator<string, boolean> {
  for (const step of steps) {
    yield step.do;
    try {
      yield* carry(world, name, step);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      const elsewhere = "at" in step && step.at && step.at.name !== name && step.do !== "promote";
      if (elsewhere || step.do === "unfence") continue;
      return false;
    }
    if (step.do === "confirm" && !isDeepStrictEqual(again().steps, steps)) return false;
  }
  return true;
}

function* carry(world: World, name: string, step: Step): Generator<string, void> {
  const ours = () => world.reach(name, name);
  switch (step.do) {
    case "promote":
      return world.promote(world.reach(name, step.at.name));
    case "follow":
      if (step.at.name !== name) losesNothing(world, name, step.at.name, step.source.name);
      return world.follow(world.reach(name, step.at.name), step.source.name);
    case "park":
      return world.follow(ours(), undefined);
    case "fence":
      world.reach(name, step.at?.name ?? name).paused = true;
      return;
    case "unfence":
      world.reach(name, step.at?.name ?? name).paused = false;
      return;
    case "quarantine":
      return yield* quarantine(world, ours());
    case "hand-over":
      return yield* handOver(world, name, step.from.name);
    case "wait-synced":
      for (let turn = 0; turn < 10; turn++) {
        if (ours().link === "up") return;
        yield "wait";
        world.replicate(name);
      }
      throw new StepFailed("not in sync");
    default:
      return;
  }
}

function* quarantine(world: World, server: Server): Generator<string, void> {
  server.paused = true;
  yield "promote for the dump";
  if (server.role === "replica" && server.link === "down") world.promote(server);
  yield "dump";
  world.keep(server);
}

function* handOver(world: World, name: string, from: string): Generator<string, void> {
  const old = () => world.reach(name, from);
  const next = () => world.reach(name, name);
  old().paused = true;
  next().paused = false;
  const started = world.clock;
  let demoted = false;
  try {
    yield "agree";
    for (let turn = 0; !hasAll(old(), next()); turn++) {
      if (old().role !== "master" || !next().known || turn > 5) throw new StepFailed("not agreed");
      yield "agree";
      world.replicate(name);
    }
    if (old().role !== "master") throw new StepFailed("the old master is none any more");
    yield "demote";
    if (world.clock !== started) throw new StepFailed("too late");
    world.follow(old(), name);
    demoted = true;
    yield "agree again";
    if (!hasAll(old(), next())) throw new StepFailed("not agreed");
    yield "promote";
    world.promote(next());
    yield "unpause";
    old().paused = false;
  } catch (error) {
    yield "take back";
    if (demoted && world.of(from).up && world.reaches(name, from) && world.of(name).role !== "master") {
      world.promote(world.of(from));
    }
    if (world.of(from).up && world.reaches(name, from)) world.of(from).paused = false;
    throw error;
  }
}

function hasAll(old: Server, next: Server): boolean {
  const uncounted = ({ role, backlog, data }: Server) => ({
    ...data.history,
    ...(role === "master" && !backlog ? { uncounted: true as const } : {}),
  });
  const relation = compareHistories(uncounted(old), uncounted(next));
  return contained(relation) || (relation.kind === "unrelated" && old.data.writes.length === 0);
}

function losesNothing(world: World, from: string, at: string, source: string): void {
  world.reach(from, at);
  const [seen, there] = [world.observe(from, at), world.observe(from, source)];
  if (seen.kind !== "observed" || there.kind !== "observed") throw new StepFailed("no answer");
  if (seen.role === "master" || !nothingToLose(seen, { name: source, host: source, port: 6379, seen: there }))
    throw new StepFailed("it has writes by now");
}
