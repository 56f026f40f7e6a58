import assert from "node:assert/strict";
import { it } from "node:test";
import { firstDifference } from "../../../../src/admin/doctor/keepalived-conf.ts";

it("the first line that differs is named", () => {
  assert.equal(firstDifference("a\nb\n", "a\nb\n"), undefined);
  assert.deepEqual(firstDifference("a\n  x\nc\n", "a\n  b\nc\n"), { line: 2, is: "x", wanted: "b" });
  assert.deepEqual(firstDifference("a\n", "a\nb\n"), { line: 2, is: "", wanted: "b" });
  assert.deepEqual(firstDifference("a\nb\nc", "a\nb"), { line: 3, is: "c", wanted: "" });
});

it("a password is not shown", () => {
  const found = firstDifference("  auth_pass secret1\n", "  auth_pass secret2\n");
  assert.deepEqual(found, { line: 1, is: "auth_pass ***", wanted: "auth_pass ***" });
});
