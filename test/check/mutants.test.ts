import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { Numbered } from "../../scripts/mutants/bundle.ts";
import { mutantsOf } from "../../scripts/mutants/collect.ts";
import { type Request, tryMutants } from "../../scripts/mutants/run.ts";
import { enough, inWords, sample, tryDecisions } from "../../scripts/mutants.ts";

const root = mkdtempSync(join(tmpdir(), "keepalived-redis-mutants-test-"));
after(() => rmSync(root, { recursive: true }));

const module = `
export function lateBy(lag_s: number, most_s: number): boolean {
  return lag_s > most_s;
}
`;

const weak = "assert.equal(lateBy(9, 3), true);";
const strong = `${weak} assert.equal(lateBy(3, 3), false); assert.equal(lateBy(0, 3), false);`;

const inLine = ({ line, before, after }: Numbered): string => `${line}: ${before} -> ${after}`;

/** Tries the mutants of a small module with a test that has these assertions. */
async function scoreOf(asserts: string, more: Partial<Request> = {}) {
  for (const folder of ["code", "tests"]) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "code", "late.ts"), module);
  writeFileSync(
    join(root, "tests", "late.test.ts"),
    `import assert from "node:assert/strict";
    import { it } from "node:test";
    import { lateBy } from "../code/late.ts";
    it("is late", () => { ${asserts} });`,
  );
  const request = { root, code: "code", tests: "tests", equivalent: {}, choose: (all: never[]) => all };
  const { survivors, endless, ...counts } = await tryMutants({ ...request, ...more } as Request);
  return { ...counts, endless: endless.length, survivors: survivors.map(inLine) };
}

const atTheLimit = "late.ts: lateBy: lag_s > most_s -> lag_s >= most_s";

describe("npm run mutants", () => {
  it("lists the mutants that a weak test does not notice", async () => {
    const { mutants, killed, survivors, percent } = await scoreOf(weak);
    assert.deepEqual(survivors, ["3: lag_s > most_s -> true", "3: lag_s > most_s -> lag_s >= most_s"]);
    assert.deepEqual({ mutants, killed, percent }, { mutants: 4, killed: 2, percent: 50 });
  });

  it("finds no survivor with a strong test", async () => {
    assert.deepEqual(await scoreOf(strong), {
      mutants: 4,
      killed: 4,
      equivalent: 0,
      endless: 0,
      percent: 100,
      survivors: [],
    });
  });

  it("counts a mutant that never ends as noticed", async () => {
    const endless = "let n = 0; while (!lateBy(n, 3)) n = lateBy(4, 3) ? n + 1 : n; assert.equal(n, 4);";
    const { killed, endless: never } = await scoreOf(endless, { limit_ms: 3000 });
    assert.equal(killed, 4);
    assert.ok(never > 0);
  });

  it("does not count mutants that are listed as equivalent, and refuses a wrong list", async () => {
    const { equivalent, survivors } = await scoreOf(weak, { equivalent: { [atTheLimit]: "same result" } });
    assert.deepEqual({ equivalent, survivors }, { equivalent: 1, survivors: ["3: lag_s > most_s -> true"] });
    await assert.rejects(
      scoreOf(strong, { equivalent: { [atTheLimit]: "same result" } }),
      /but a test notices it: late/,
    );
    await assert.rejects(
      scoreOf(strong, { equivalent: { "late.ts: gone": "" } }),
      /there is no such mutant: late.ts: gone/,
    );
  });

  it("refuses if the tests fail without a mutant, or there are none", async () => {
    await assert.rejects(scoreOf("assert.ok(lateBy(1, 3));"), /the tests fail without any mutant: is late/);
    await assert.rejects(scoreOf(weak, { tests: "code" }), /no test/);
  });

  const changes: [string, string[]][] = [
    ["a < b", ["a <= b", "a >= b"]],
    ["a === b", ["a !== b"]],
    ["a && !b", ["a || !b", "a", "!b", "a && b"]],
    ["a ?? 7", ["a", "7", "a ?? 8", "a ?? 0"]],
    ["a - b * c", ["a + b * c", "a - b / c"]],
    ["a ? true : 0", ["true ? true : 0", "false ? true : 0", "a ? false : 0", "a ? true : 1"]],
    ['a("parted", "a sentence is no decision")', ['a("", "a sentence is no decision")']],
    ["a?.b.c", ["a.b.c"]],
    ["a.some(b)", ["a.every(b)"]],
    ["a.filter(({ b }) => b)", ["a", "a.filter(({ b }) => true)", "a.filter(({ b }) => false)"]],
    ["a.toSorted(b)", ["a", "a.toSorted(b).reverse()"]],
    ["Math.max(a, b)", ["Math.min(a, b)"]],
    ["[a, ...b]", ["[...b]", "[a, ]"]],
    ["{ ...a, b }", ["{ b }"]],
  ];
  for (const [code, expected] of changes) {
    it(`changes ${code}`, () => {
      const start = "const x = ".length;
      const mutants = mutantsOf("a.ts", `const x = ${code};`).map(({ edit }) => {
        const [from, to] = [edit.start - start, edit.end - start];
        return code.slice(0, from) + edit.text + code.slice(to);
      });
      assert.deepEqual(mutants.sort(), expected.sort());
    });
  }
});

describe("src/decide", () => {
  it("is covered by the unit tests: a sample of its mutants", async () => {
    const { mutants, survivors, percent } = await tryDecisions(
      (all) => sample(all, 25, 1),
      () => {},
    );
    assert.equal(mutants, 25);
    assert.ok(percent >= enough, survivors.map(inWords).join("\n"));
  });
});
