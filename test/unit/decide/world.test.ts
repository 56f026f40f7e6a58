import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { complete } from "../../../src/decide/may-serve.ts";
import type { Transition } from "../../../src/model/transition.ts";
import { World } from "./world.ts";
import { hook } from "./world-hooks.ts";

/** Whatever happens, in whatever order, hooks killed at any step: run on, they reach the right end, and nothing is lost. */

const who = fc.nat(2);
const transition = fc.constantFrom<Transition>("MASTER", "MASTER", "BACKUP", "FAULT", "STOP");
/** What happens before each step of a hook. */
const meanwhile = fc.array(fc.constantFrom("nothing", "writes", "copies"), { maxLength: 8 });
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("clients write" as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("replicas copy" as const) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("step" as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("start hook" as const), who, transition }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("run hook" as const), who, transition, meanwhile }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("kill hook" as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("crash" as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("restart" as const), who, empty: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("save" as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("cut" as const), who, other: who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("heal" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("time passes" as const) }) },
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

/** Nothing that a client was told is written may be gone from all servers and dumps, but by a crash. */
function nothingLost(world: World, after: string): void {
  const held = world.held();
  const lost = [...world.acknowledged].filter((write) => !held.has(write) && !world.excused.has(write));
  assert.deepEqual(lost, [], `lost by: ${after}`);
}

/** Carries a hook to its end; where `meanwhile` says so, things happen before each of its steps. */
function run(world: World, name: string, transition: Transition, meanwhile = (_step: number) => {}): string {
  const course = hook(world, name, transition);
  // The fence of a FAULT or a STOP outlives it, until a peer has taken over or until it ends by itself.
  const free = transition === "MASTER" || (transition === "BACKUP" && !world.of(name).paused);
  for (let step = 0; ; step++) {
    const { done, value } = course.next();
    nothingLost(world, `${transition} at ${name}, before ${value}`);
    meanwhile(step);
    if (!done) continue;
    if (free && value === "done") assert.ok(!world.of(name).paused, `${transition} left ${name} paused`);
    return value;
  }
}

type Hooks = Map<string, ReturnType<typeof hook>>;

/** Monitors see within a second that a master is silent, and have it repaired: before it can come back with less. */
function monitorsRepair(world: World, hooks: Hooks): void {
  for (const { name, up, role, link, source } of world.servers) {
    if (!up || role === "master" || link === "up" || source === undefined) continue;
    hooks.delete(name);
    run(world, name, world.holders.has(name) ? "MASTER" : "BACKUP");
  }
}

function asked(world: World, name: string, transition: Transition): void {
  if (transition === "MASTER") world.holders.add(name);
  else world.holders.delete(name);
}

function play(names: string[], events: Event[]): World {
  const world = new World(names);
  const hooks: Hooks = new Map();
  for (const one of events) {
    const name = "who" in one ? (names[one.who % names.length] ?? "") : "";
    switch (one.do) {
      case "clients write":
        for (const each of names) world.write(each);
        break;
      case "replicas copy":
        for (const each of names) world.replicate(each);
        break;
      case "step":
        if (hooks.get(name)?.next().done) hooks.delete(name);
        break;
      case "start hook":
        // A newer transition ends an older one before its next step.
        asked(world, name, one.transition);
        hooks.set(name, hook(world, name, one.transition));
        break;
      case "run hook":
        asked(world, name, one.transition);
        hooks.delete(name);
        run(world, name, one.transition, (step) => {
          const what = one.meanwhile[step];
          for (const each of names) what === "writes" ? world.write(each) : what === "copies" && world.replicate(each);
        });
        break;
      case "kill hook":
        hooks.delete(name);
        break;
      case "crash":
        world.crash(name);
        monitorsRepair(world, hooks);
        break;
      case "restart":
        world.restart(name, one.empty);
        break;
      case "save":
        world.save(name);
        break;
      case "cut": {
        const other = names[one.other % names.length] ?? "";
        if (other !== name) world.cut(name, other);
        monitorsRepair(world, hooks);
        break;
      }
      case "heal":
        world.heal();
        break;
      case "time passes":
        world.timePasses();
        break;
    }
    nothingLost(world, JSON.stringify(one));
  }
  return world;
}

const copyAll = (world: World): void => {
  for (let turn = 0; turn < 6; turn++) {
    for (const { name } of world.servers) {
      world.replicate(name);
      nothingLost(world, `${name} copies`);
    }
  }
};

/** All is well again, one node holds the virtual IP, and the transitions that Keepalived and the monitors ask for are run. */
function settle(world: World, holder: string): string {
  world.heal();
  for (const { name } of world.servers) world.restart(name, false);
  world.timePasses();
  world.holders = new Set([holder]);
  let outcome = "";
  for (let round = 0; round < 5; round++) {
    for (const { name } of world.servers) {
      const ended = run(world, name, name === holder ? "MASTER" : "BACKUP");
      if (name === holder) outcome = ended;
      copyAll(world);
    }
    world.timePasses();
  }
  return outcome;
}

for (const count of [2, 3]) {
  describe(`a world of ${count} nodes`, () => {
    const names = ["server11", "server12", "server13"].slice(0, count);
    it("comes to one master, the others its replicas, and no acknowledged write is gone", () => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 60, size: "max" }), who, (events, last) => {
          const world = play(names, events);
          const holder = names[last % count] ?? "";
          const outcome = settle(world, holder);
          const state = world.servers.map(({ name, role, source, link }) => ({
            name,
            role,
            source,
            link: role === "master" ? "-" : link,
          }));
          if (outcome.startsWith("refused")) {
            // Nobody knows whether what there is is all there was.
            for (const { name } of world.servers) {
              const seen = world.observe(holder, name);
              assert.ok(seen.kind !== "observed" || !complete(seen), JSON.stringify(state));
            }
            return;
          }
          const expected = names.map((name) =>
            name === holder
              ? { name, role: "master", source: undefined, link: "-" }
              : { name, role: "replica", source: holder, link: "up" },
          );
          assert.deepEqual(state, expected, outcome);
          const [whole] = world.servers.filter(({ name }) => name === holder).map(({ data }) => data.writes);
          for (const { data } of world.servers) assert.deepEqual(data.writes, whole);
        }),
        { numRuns: Number(process.env.RUNS ?? 300) },
      );
    });
  });
}

describe("both nodes start again, with whatever each has on disk", () => {
  const names = ["server11", "server12"];
  const chapter = fc.record({
    writes: fc.nat(2),
    next: fc.constantFrom("the master moves", "the master dies", "the other one dies", "whoever is down returns"),
    saved: fc.subarray(names),
  });

  it("the fullest data set that is known to be complete serves, whichever node is first and has the virtual IP", () => {
    fc.assert(
      fc.property(fc.array(chapter, { maxLength: 8 }), fc.boolean(), who, (chapters, firstIsFirst, last) => {
        const world = new World(names);
        for (const { writes, next, saved } of chapters) {
          const master = world.servers.find(({ up, role }) => up && role === "master");
          const other = world.servers.find((server) => server !== master);
          if (!master || !other) return;
          for (let i = 0; i < writes; i++) world.write(master.name);
          copyAll(world);
          for (const name of saved) world.save(name);
          if (next === "the master moves" && other.up) run(world, other.name, "MASTER");
          if (next === "the other one dies") world.crash(other.name);
          if (next === "whoever is down returns" && !other.up) {
            world.restart(other.name, false);
            run(world, other.name, "BACKUP");
          }
          if (next === "the master dies" && other.up) {
            world.crash(master.name);
            run(world, other.name, "MASTER");
          }
          copyAll(world);
        }
        for (const name of names) world.crash(name);
        for (const name of firstIsFirst ? names : names.toReversed()) world.restart(name, false);
        const known = world.servers.filter((server) => server.known).map(({ data }) => data.writes);
        const fullest = known.toSorted((a, b) => b.length - a.length)[0] ?? [];
        const holder = names[last % 2] ?? "";
        settle(world, holder);
        assert.deepEqual(world.of(holder).data.writes.slice(0, fullest.length), fullest);
      }),
      { numRuns: Number(process.env.RUNS ?? 300) },
    );
  });
});
