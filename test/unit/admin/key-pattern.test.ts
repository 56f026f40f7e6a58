import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fits } from "../../../src/admin/diverged/key-pattern.ts";
import { UsageError } from "../../../src/cluster/errors.ts";

// As KEYS on Redis 7.0.15 answers.
const cases: [pattern: string, fitting: string[], others: string[]][] = [
  ["session:*", ["session:", "session:41", "session:a\nb"], ["sessio", "a session:1"]],
  ["*", ["", "x", "ü"], []],
  ["h?llo", ["hello", "hüllo", "h\nllo"], ["hllo", "heello"]],
  ["h[ae]llo", ["hello", "hallo"], ["hillo"]],
  ["h[^e]llo", ["hallo", "h^llo"], ["hello"]],
  ["h[a-c]llo", ["hbllo"], ["hdllo", "h-llo"]],
  ["h[a\\-c]llo", ["h-llo", "hallo"], ["hbllo"]],
  ["a\\*b", ["a*b"], ["aXb"]],
  ["a.b+c(d)|{e}$^-/", ["a.b+c(d)|{e}$^-/"], ["aXb+c(d)|{e}$^-/"]],
  ["plain", ["plain"], ["plain ", "xplain"]],
];

describe("a pattern of keys", () => {
  for (const [pattern, fitting, others] of cases)
    it(pattern, () => {
      const test = fits(pattern);
      for (const key of fitting) assert.ok(test(key), key);
      for (const key of others) assert.ok(!test(key), key);
    });

  it("that is none", () => assert.throws(() => fits("[z-a]"), UsageError));
});
