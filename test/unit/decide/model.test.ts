import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compareHistories, contained } from "../../../src/decide/history.ts";
import { complete } from "../../../src/decide/may-serve.ts";
import { decide, tables } from "../../../src/decide/transition.ts";
import { weStayMaster } from "../../../src/decide/who-stays.ts";
import type { History } from "../../../src/model/history.ts";
import type { Observation, Observed } from "../../../src/model/observation.ts";
import type { Plan } from "../../../src/model/plan.ts";
import type { Served } from "../../../src/model/served.ts";
import type { SeenPeer, Situation } from "../../../src/model/situation.ts";
import type { Transition } from "../../../src/model/transition.ts";
import { gone, hosts, master, mirrored, refusing, replica, servedRecord, situation } from "./situations.ts";

/** The tables against random situations: what must hold of every plan, whatever the nodes look like. */

const names = Object.keys(hosts);
const offsets = fc.integer({ min: 0, max: 4 });
const ids = fc.constantFrom("a", "b", "c");

const history: fc.Arbitrary<History> = fc
  .record({ id: ids, offset: offsets, previous: fc.option(fc.record({ id: ids, until: offsets }), { nil: undefined }) })
  .map(({ id, offset, previous }) => ({
    id,
    offset,
    // A promotion makes a new id of the same stream.
    previous: previous && previous.id !== id ? { id: previous.id, until: Math.min(previous.until, offset) } : undefined,
  }));

const keys = fc.constantFrom(0, 0, 7, 100);
const rarely = <T>(value: T) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant(value) });

const asMaster = fc.record({ history, keys, uncounted: rarely(true as const), loading: rarely({ eta_s: 2 }) });
const asReplica = fc.record({
  history,
  keys,
  of: fc.constantFrom(...names, "127.0.0.1"),
  up: fc.boolean(),
  known: fc.boolean(),
  loading: rarely({ eta_s: 2 }),
  uptime_s: fc.constantFrom(1, 1000),
});

const observed: fc.Arbitrary<Observed> = fc.oneof(
  asMaster.map(({ history, keys, uncounted, loading }) =>
    master({ ...history, ...(uncounted ? { uncounted } : {}) }, { keys, loading }),
  ),
  asReplica.map(({ history, keys, of, up, known, loading, uptime_s }) =>
    replica(of, history, { keys, loading, uptime_s, link: { link: up ? "up" : "down", positioned: up || known } }),
  ),
);
const slow: Observation = { kind: "unreachable", why: "timeout", detail: "no answer" };
const silent: fc.Arbitrary<Observation> = fc.constantFrom(gone, slow, refusing("password"));
const anything = fc.oneof(
  { weight: 5, arbitrary: observed as fc.Arbitrary<Observation> },
  { weight: 1, arbitrary: silent },
);

/** What was served, a second for each byte; only its newest part has a known time. */
const served: fc.Arbitrary<Served> = fc.record({ history, known: offsets }).map(({ history, known }) => {
  const marks = Array.from({ length: history.offset + 1 }, (_, offset) => ({ offset, at_ms: 1000 * offset }));
  return servedRecord(history, 1000 * history.offset, marks.slice(known));
});
const counts = fc.record({ writes: fc.nat(2), deletions: fc.nat(2) });
/** What this host remembers of a peer, and what was counted. */
const aboutPeer = fc.record({
  resigned: rarely(true),
  written: fc.option(fc.record({ ours: counts, theirs: counts }), { nil: undefined }),
});

const situations: fc.Arbitrary<Situation> = fc
  .record({
    ours: anything,
    theirs: fc.tuple(anything, fc.option(anything, { nil: undefined })),
    resigned: fc.boolean(),
    wasMaster: fc.boolean(),
    about: fc.tuple(aboutPeer, aboutPeer),
    holdsVip: fc.boolean(),
    allowDataLoss: rarely(true).map((said) => said ?? false),
    isolated: rarely(true).map((said) => said ?? false),
    planned: fc.boolean(),
    served: fc.option(served, { nil: undefined }),
    maxMissing: fc.record({ seconds: fc.nat(3), bytes: fc.nat(3) }),
  })
  .map(({ ours, theirs: [second, third], resigned, wasMaster, about, ...more }) => {
    const facts = situation(ours, { server12: second, ...(third ? { server13: third } : {}) }, more);
    return {
      ...facts,
      node: { ...facts.node, resigned, wasMaster },
      peers: facts.peers.map((peer, nth) => ({ ...peer, ...about[nth] })),
    };
  });

const transitions = Object.keys(tables) as Transition[];
const every = { numRuns: 1500 };

/** Nothing that only `one` has would be gone if it followed `other`: said here once more, from the words of the promise. */
function losesNothing(one: Observed, other: Observed): boolean {
  const relation = compareHistories(one.history, other.history);
  if (one.loading) return false;
  if (one.keys === 0 && (!complete(one) || relation.kind === "unrelated")) return true;
  return complete(one) && contained(relation);
}

/** How much of what was served this data set is known to lack: said here once more, from the words of the promise. */
function lacks({ history }: Observed, served: Served | undefined): { seconds: number; bytes: number } {
  const relation = served ? compareHistories(history, served.history) : undefined;
  if (!served || (relation?.kind !== "behind" && relation?.kind !== "diverged")) return { seconds: 0, bytes: 0 };
  const common = served.history.offset - relation.theirs;
  // A second for each byte, and nobody knows the time of what was served before the first mark.
  const known = (served.marks[0]?.offset ?? Number.POSITIVE_INFINITY) <= common;
  return { bytes: relation.theirs, seconds: known ? served.history.offset - common : Number.POSITIVE_INFINITY };
}

function seenOf(facts: Situation, name: string): Observed | undefined {
  const seen = [facts.node, ...facts.peers].find((one) => one.name === name)?.seen;
  return seen?.kind === "observed" ? seen : undefined;
}

function forEveryPlan(holds: (plan: Plan, facts: Situation, transition: Transition) => void): void {
  const cases = fc.tuple(situations, fc.constantFrom(...transitions));
  fc.assert(
    fc.property(cases, ([facts, transition]) => holds(decide(transition, facts), facts, transition)),
    every,
  );
}

describe("every plan, in every situation", () => {
  it("keeps a dump before it follows a history that lacks some of ours", () =>
    forEveryPlan(({ steps }, facts) => {
      const ours = seenOf(facts, "server11");
      steps.forEach((step, index) => {
        if (step.do !== "follow" || step.at.name !== "server11") return;
        const source = seenOf(facts, step.source.name);
        assert.ok(ours && source);
        assert.ok(losesNothing(ours, source) || steps.slice(0, index).some((one) => one.do === "quarantine"));
      });
    }));

  it("never follows a master that has nothing but a part of what we have, unless that one is newer", () =>
    forEveryPlan(({ steps }, facts) => {
      const ours = seenOf(facts, "server11");
      for (const step of steps) {
        const name = step.do === "follow" && step.at.name === "server11" ? step.source.name : undefined;
        const source = name === undefined ? undefined : seenOf(facts, name);
        // Who is told to become master first is no master yet.
        if (!ours || source?.role !== "master" || !complete(ours) || ours.keys === 0) continue;
        const part = losesNothing(source, ours) && compareHistories(ours.history, source.history).kind !== "same";
        assert.ok(!part || facts.node.resigned, `follows ${name}`);
      }
    }));

  it("makes no other node lose what only it has", () =>
    forEveryPlan(({ steps }, facts) => {
      const ours = seenOf(facts, "server11");
      for (const step of steps) {
        const name = step.do === "follow" && step.at.name !== "server11" ? step.at.name : undefined;
        const other = name === undefined ? undefined : seenOf(facts, name);
        if (name !== undefined) assert.ok(ours && other && losesNothing(other, ours));
      }
    }));

  it("takes the role over only from a master that we copy from, or that has nothing which we lack", () =>
    forEveryPlan(({ steps }, facts) => {
      const ours = seenOf(facts, "server11");
      for (const step of steps) {
        if (step.do !== "hand-over") continue;
        const from = seenOf(facts, step.from.name);
        assert.ok(ours && from?.role === "master");
        const copies = ours.source?.link === "up" && ours.source.host === step.from.host;
        assert.ok(copies || losesNothing(from, ours));
      }
    }));

  it("promotes no data set that isn't known to be complete, unless a person said so or the cluster is new", () =>
    forEveryPlan(({ steps }, facts) => {
      for (const step of steps) {
        const promoted = step.do === "promote" ? seenOf(facts, step.at.name) : undefined;
        if (!promoted) continue;
        const allNew = [facts.node, ...facts.peers].every(({ seen }) => seen.kind === "observed" && seen.keys === 0);
        assert.ok(complete(promoted) || facts.allowDataLoss || allNew);
      }
    }));

  it("promotes nobody while the master that we copy from lives and lets us not in", () => {
    const lockedOut = fc
      .record({ history, keys, third: fc.option(anything, { nil: undefined }), holdsVip: fc.boolean() })
      .map(({ history, keys, third, holdsVip }) =>
        situation(
          replica("server12", history, { keys }),
          { server12: refusing("password"), ...(third && { server13: third }) },
          { holdsVip },
        ),
      );
    fc.assert(
      fc.property(lockedOut, fc.constantFrom(...transitions), (facts, transition) => {
        assert.ok(!decide(transition, facts).steps.some((step) => step.do === "promote"));
      }),
      every,
    );
  });

  it("leaves our writes held back only where no peer has taken over yet, and then the fence ends by itself", () =>
    forEveryPlan(({ steps, row }, _facts, transition) => {
      const last = steps.findLast(
        (step) => step.do === "unfence" || step.do === "quarantine" || (step.do === "fence" && !step.at),
      );
      if (last === undefined || last.do === "unfence") return;
      assert.ok(transition === "FAULT" || transition === "STOP" || row.includes("cut off"), row);
      assert.ok(last.do === "fence" && last.seconds <= 60);
    }));

  it("promotes nothing that is known to lack more than may be missing, unless a person said so", () =>
    forEveryPlan(({ steps }, facts) => {
      for (const step of steps) {
        const promoted = step.do === "promote" ? seenOf(facts, step.at.name) : undefined;
        if (!promoted || facts.allowDataLoss || !complete(promoted)) continue;
        const { seconds, bytes } = lacks(promoted, facts.served);
        assert.ok(
          seconds <= facts.maxMissing.seconds && bytes <= facts.maxMissing.bytes,
          `${seconds} s, ${bytes} bytes`,
        );
      }
    }));

  it("promotes nobody in a planned move while a peer may only be slow, unless a person said so", () =>
    forEveryPlan(({ steps }, facts, transition) => {
      const mayBeSlow = facts.peers.some(({ seen }) => seen.kind === "unreachable" && seen.why !== "refused");
      if (!facts.planned || !mayBeSlow || facts.allowDataLoss) return;
      assert.ok(!steps.some((step) => step.do === "promote"));
      if (transition === "MASTER") return;
      assert.ok(!steps.some((step) => step.do === "wait-answer"), "only a take-over waits");
    }));

  it("promotes nobody while a peer is silent, unless Keepalived has given this node the virtual IP", () =>
    forEveryPlan(({ steps }, facts, transition) => {
      if (transition === "MASTER" || facts.peers.every(({ seen }) => seen.kind === "observed")) return;
      assert.ok(!steps.some((step) => step.do === "promote"));
    }));

  it("waits for an answer only where a peer may give one, and decides again after it", () =>
    forEveryPlan(({ steps, again }, facts) => {
      if (!steps.some((step) => step.do === "wait-answer")) return;
      assert.ok(facts.planned && again === true && steps.length === 1);
      assert.ok(facts.peers.some(({ seen }) => seen.kind === "unreachable" && seen.why !== "refused"));
    }));

  it("never yields to a node that had resigned before the local Redis was promoted, and was not promoted since", () =>
    forEveryPlan(({ steps }, facts) => {
      const ours = seenOf(facts, "server11");
      if (ours?.role !== "master" || facts.node.resigned) return;
      for (const step of steps) {
        const source = step.do === "follow" && step.at.name === "server11" ? step.source.name : undefined;
        const peer = facts.peers.find(({ name }) => name === source);
        const theirs = peer?.seen.kind === "observed" ? peer.seen.history.previous : undefined;
        const { id, previous } = ours.history;
        const sibling = previous && theirs?.id === previous.id;
        const { written } = peer ?? {};
        const servesAgain = sibling && written && written.theirs.writes > written.ours.writes;
        const promotedSince = theirs?.id === id || (sibling && theirs.until <= previous.until) || servesAgain;
        assert.ok(!peer?.resigned || promotedSince, `follows ${source}`);
      }
    }));

  it("of a node that has resigned takes nothing from a master that was promoted after it: neither its role nor its writes", () => {
    const newer = fc
      .record({ ours: asMaster, offset: offsets, from: fc.nat(1), third: fc.option(anything, { nil: undefined }) })
      .map(({ ours, offset, from, third }) => {
        const { id, offset: own, previous } = ours.history;
        // It was promoted from the history of this node, or from the one that this node was promoted from.
        const left = from === 1 && previous ? previous : { id, until: own };
        const until = Math.min(left.until, offset);
        const theirs = master({ id: "promoted", offset, previous: { id: left.id, until } });
        const mine = master({ ...ours.history, ...(ours.uncounted ? { uncounted: ours.uncounted } : {}) }, ours);
        return { mine, theirs, third };
      });
    fc.assert(
      fc.property(
        newer,
        fc.constantFrom(...transitions),
        fc.boolean(),
        ({ mine, theirs, third }, transition, holdsVip) => {
          const facts = situation(mine, { server12: theirs, ...(third && { server13: third }) }, { holdsVip });
          const { steps } = decide(transition, { ...facts, node: { ...facts.node, resigned: true } });
          for (const step of steps) {
            assert.ok(step.do !== "hand-over" || step.from.name !== "server12", "takes the role over");
            assert.ok(step.do !== "fence" || step.at?.name !== "server12", "fences it");
            assert.ok(step.do !== "follow" || step.at.name !== "server12", "makes it a replica");
            assert.ok(step.do !== "promote", "promotes");
          }
        },
      ),
      every,
    );
  });

  it("refuses with a cause and a way out", () =>
    forEveryPlan(({ refusal }) => {
      if (refusal) assert.ok(refusal.cause !== "" && refusal.remedy !== "");
    }));
});

/** Who is master once these steps are done; writes held back elsewhere count as no master. */
function mastersAfter(plans: readonly { name: string; plan: Plan }[], start: ReadonlySet<string>): Set<string> {
  const masters = new Set(start);
  for (const { name, plan } of plans) {
    for (const step of plan.steps) {
      if (step.do === "promote") masters.add(step.at.name);
      if (step.do === "follow") masters.delete(step.at.name);
      if (step.do === "park") masters.delete(name);
      if (step.do === "fence" && step.at) masters.delete(step.at.name);
      if (step.do === "hand-over") {
        masters.delete(step.from.name);
        masters.add(name);
      }
    }
  }
  return masters;
}

describe("two nodes that see each other", () => {
  it("come to the same answer on which of two masters stays", () => {
    const two = asMaster.map(({ history, keys, uncounted }) =>
      master({ ...history, ...(uncounted ? { uncounted } : {}) }, { keys }),
    );
    fc.assert(
      fc.property(two, two, fc.boolean(), (a, b, vipAtA) => {
        const at = (name: string, seen: Observed) => ({ name, host: name, port: 6379, seen });
        assert.notEqual(
          weStayMaster(a, { holdsVip: vipAtA }, at("b", b)),
          weStayMaster(b, { holdsVip: !vipAtA }, at("a", a)),
        );
      }),
      every,
    );
  });

  it("agree that the one stays which was promoted after the other one had resigned, whatever the histories hold", () => {
    const pair = fc.record({
      old: asMaster,
      offset: offsets,
      more: offsets,
      holdsVip: fc.boolean(),
      counts: aboutPeer,
    });
    fc.assert(
      fc.property(pair, ({ old: { history, keys }, offset, more, holdsVip, counts }) => {
        const old = master(history, { keys });
        const until = Math.min(offset, history.offset);
        const promoted = master({ id: "promoted", offset: until + more, previous: { id: history.id, until } });
        const { written } = counts;
        const here: SeenPeer = { name: "a", host: "a", port: 6379, seen: old, resigned: true, written };
        const there: SeenPeer = { name: "b", host: "b", port: 6379, seen: promoted, written };
        assert.equal(weStayMaster(promoted, { holdsVip }, here), true);
        assert.equal(weStayMaster(old, { holdsVip: !holdsVip, resigned: true }, there), false);
      }),
      every,
    );
  });

  it("do not both end as master, whichever of the two carries its plan out first", () => {
    const pair = fc
      .record({ a: observed, b: observed })
      .map(({ a, b }) => situation(a, { server12: b }, { holdsVip: true }));
    fc.assert(
      fc.property(pair, (here) => {
        const there = mirrored(here, "server12");
        const plans = [
          { name: "server11", plan: decide("MASTER", here) },
          { name: "server12", plan: decide("BACKUP", there) },
        ];
        // A plan that only prepares is followed by another look, which sees what the other node has done.
        if (plans.some(({ plan }) => plan.again || plan.refusal)) return;
        const start = new Set(["server11", "server12"].filter((name) => seenOf(here, name)?.role === "master"));
        for (const order of [plans, plans.toReversed()]) {
          assert.ok(mastersAfter(order, start).size <= 1, plans.map(({ plan }) => plan.row).join(" | "));
        }
      }),
      every,
    );
  });
});
