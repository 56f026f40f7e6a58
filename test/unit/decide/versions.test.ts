import assert from "node:assert/strict";
import { it } from "node:test";
import { minor, older } from "../../../src/decide/versions.ts";

it("compares versions number by number", () => {
  for (const [version, than] of [
    ["6.0.16", "6.2"],
    ["7.0.9", "7.0.15"],
    ["7", "7.0.1"],
    ["9.1", "10.0"],
    ["6.9.9", "7.0.0"],
    ["8.0.0-rc1", "8.0.1"],
  ] as const) {
    assert.ok(older(version, than), `${version} is older than ${than}`);
    assert.ok(!older(than, version), `${than} is not older than ${version}`);
  }
});

it("compares as far as the other version is written out", () => {
  for (const [version, than] of [
    ["6.2", "6.2"],
    ["6.2.14", "6.2"],
    ["7", "7.0.0"],
    ["7.0.0", "7"],
  ] as const)
    assert.ok(!older(version, than), `${version} is not older than ${than}`);
});

it("a version without numbers is older than any", () => assert.ok(older("unknown", "6.2")));

it("of a minor version two numbers count", () => assert.deepEqual(["7.0.15", "10.2"].map(minor), ["7.0", "10.2"]));
