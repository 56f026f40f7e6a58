import assert from "node:assert/strict";
import { it } from "node:test";
import { decisions, written } from "../../../scripts/decisions.ts";

it("docs/decisions.md says what the tables say (npm run decisions writes it)", () => {
  assert.equal(written(), decisions());
});
