import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bytesBeyond, compareHistories, contained } from "../../../src/decide/history.ts";
import { countedFrom, probableParting } from "../../../src/decide/parting.ts";
import type { History } from "../../../src/model/history.ts";
import { at } from "./situations.ts";

describe("how two histories are related", () => {
  const cases: [string, History, History, object][] = [
    ["the same place", at(100), at(100), { kind: "same" }],
    ["we have more", at(150), at(100), { kind: "ahead", ours: 50 }],
    ["they have more", at(100), at(150), { kind: "behind", theirs: 50 }],
    [
      "they were promoted from where we are",
      at(100),
      at(130, "b", { id: "a", until: 100 }),
      { kind: "behind", theirs: 30 },
    ],
    ["they were promoted, nothing written since", at(100), at(100, "b", { id: "a", until: 100 }), { kind: "same" }],
    [
      "we wrote on after they were promoted",
      at(120),
      at(130, "b", { id: "a", until: 100 }),
      { kind: "diverged", at: 100, ours: 20, theirs: 30 },
    ],
    ["we wrote on, they did not", at(120), at(100, "b", { id: "a", until: 100 }), { kind: "ahead", ours: 20 }],
    [
      "both were promoted from the same history",
      at(120, "b", { id: "a", until: 100 }),
      at(140, "c", { id: "a", until: 110 }),
      { kind: "diverged", at: 100, ours: 20, theirs: 40 },
    ],
    ["a master that restarted empty", at(100), at(0, "b"), { kind: "unrelated" }],
    [
      "a master that restarted from an older snapshot (Redis 7 keeps its id as the previous one)",
      at(100),
      at(80, "b", { id: "a", until: 80 }),
      { kind: "ahead", ours: 20 },
    ],
  ];
  for (const [name, ours, theirs, expected] of cases) {
    it(name, () => assert.deepEqual(compareHistories(ours, theirs), expected));
  }
});

/**
 * A world in which histories come about as in Redis: servers write, copy from each other and get promoted. The bytes
 * themselves are kept beside, so that what the comparison says can be held against what is really there.
 */
interface Server {
  history: History;
  bytes: string[];
}

const deed = fc.oneof(
  fc.record({ do: fc.constant("write" as const), who: fc.nat(2), much: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant("copy" as const), who: fc.nat(2), from: fc.nat(2) }),
  fc.record({ do: fc.constant("promote" as const), who: fc.nat(2) }),
);

type Deed = { do: "write" | "copy" | "promote"; who: number; much?: number; from?: number };

function play(deeds: Deed[]): Server[] {
  let next = 0;
  const fresh = () => `id${next++}`;
  const start = fresh();
  // All start as copies of one server; who writes under an id that it shares is promoted first, as Redis does.
  const servers: Server[] = [0, 1, 2].map(() => ({ history: at(0, start), bytes: [] }));
  const owner = new Map<string, number>([[start, 0]]);
  for (const { do: what, who, much = 0, from = 0 } of deeds) {
    const server = servers[who] as Server;
    const { id, offset } = server.history;
    if (what === "copy" && from !== who) {
      servers[who] = structuredClone(servers[from] as Server);
      // Whoever was a replica gets a new id with its next promotion, also where it copied back what it had handed on.
      for (const [known, master] of owner) if (master === who) owner.set(known, -1);
    }
    if (what === "promote" || (what === "write" && owner.get(id) !== who)) {
      const born = fresh();
      owner.set(born, who);
      server.history = at(offset, born, { id, until: offset });
    }
    if (what === "write") {
      for (let i = 0; i < much; i++) server.bytes.push(`${who}:${next++}`);
      server.history = { ...server.history, offset: server.bytes.length };
    }
  }
  return servers;
}

describe("the comparison of histories, against the bytes themselves", () => {
  it("never calls bytes common that are not, and never overlooks bytes of ours", () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 30 }), (deeds) => {
        const [ours, theirs] = play(deeds) as [Server, Server, Server];
        const relation = compareHistories(ours.history, theirs.history);
        let common = 0;
        while (common < ours.bytes.length && ours.bytes[common] === theirs.bytes[common]) common++;
        if (relation.kind === "unrelated") return;
        if (contained(relation)) assert.equal(common, ours.bytes.length);
        assert.ok(bytesBeyond(relation) >= ours.bytes.length - common);
      }),
      { numRuns: 2000 },
    );
  });

  it("says the mirror image of what the other side says", () => {
    const mirror = { same: "same", ahead: "behind", behind: "ahead", diverged: "diverged", unrelated: "unrelated" };
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 30 }), (deeds) => {
        const [a, b] = play(deeds) as [Server, Server, Server];
        const there = compareHistories(a.history, b.history).kind;
        assert.equal(compareHistories(b.history, a.history).kind, mirror[there]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("where two histories without a common id probably parted", () => {
  const promoted = (offset: number, id: string, until: number) => at(offset, id, { id: `before ${id}`, until });

  it("at the later of the last promotions, for both nodes the same", () => {
    assert.equal(probableParting(promoted(150, "a", 40), promoted(130, "b", 100)), 100);
    assert.equal(probableParting(promoted(130, "b", 100), promoted(150, "a", 40)), 100);
    assert.equal(probableParting(promoted(100, "a", 40), promoted(130, "b", 100)), 100);
  });

  it("not known where one has never been that far, or was never promoted", () => {
    assert.equal(probableParting(promoted(99, "a", 40), promoted(130, "b", 100)), undefined);
    assert.equal(probableParting(promoted(130, "b", 100), promoted(99, "a", 40)), undefined);
    assert.equal(probableParting(at(150), promoted(130, "b", 100)), undefined);
    assert.equal(probableParting(promoted(130, "b", 100), at(150)), undefined);
  });

  it("the same where the offset of one stands still, since it does not count its writes", () => {
    const uncounted = { ...promoted(40, "a", 40), uncounted: true } as const;
    assert.equal(probableParting(uncounted, promoted(130, "b", 100)), 100);
    assert.equal(probableParting(promoted(130, "b", 100), uncounted), 100);
    assert.equal(probableParting(uncounted, promoted(99, "b", 100)), undefined);
    // Redis forgets the previous id when it makes a backlog for the first replica.
    assert.equal(probableParting(uncounted, at(130, "before a")), 40);
    assert.equal(probableParting(at(130, "before a"), uncounted), 40);
    assert.equal(probableParting(uncounted, at(130, "c")), undefined);
  });
});

describe("from where the writes of two masters are counted", () => {
  /** Both were promoted out of the history "x": we at 100, the peer at 150, after its script had ended. */
  const ours = at(120, "a", { id: "x", until: 100 });
  const theirs = at(160, "b", { id: "x", until: 150 });
  const remembered = (id: string, resigned: string[], resignedAt?: number) => ({
    ...{ id, resigned },
    ...(resignedAt === undefined ? {} : { resignedAt }),
  });

  it("where they parted, for both, if nobody had resigned", () => {
    const parted = { ours: 100, theirs: 100 };
    assert.deepEqual(countedFrom(ours, theirs, "peer", undefined), parted);
    assert.deepEqual(countedFrom(ours, theirs, "peer", remembered("a", ["another"])), parted);
    assert.deepEqual(countedFrom(ours, theirs, "peer", remembered("another", ["peer"])), parted);
    assert.deepEqual(countedFrom(ours, at(160, "x"), "peer", remembered("a", ["peer"])), parted);
    assert.equal(countedFrom(ours, ours, "peer", remembered("a", ["peer"])), undefined);
  });

  it("one that had resigned: since it was promoted again, as both of them know", () => {
    assert.deepEqual(countedFrom(ours, theirs, "peer", remembered("a", ["peer"])), { ours: 100, theirs: 150 });
    assert.deepEqual(countedFrom(theirs, ours, "peer", remembered("b", [], 90)), { ours: 150, theirs: 100 });
    assert.deepEqual(countedFrom(theirs, ours, "peer", remembered("b", [], 100)), { ours: 150, theirs: 100 });
  });

  it("one that went on with its clients before it resigned: where they parted", () => {
    assert.deepEqual(countedFrom(theirs, ours, "peer", remembered("b", [], 101)), { ours: 100, theirs: 100 });
  });
});
