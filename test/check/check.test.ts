import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checks, runCheck } from "../../scripts/checks.ts";
import { plantFor } from "../../scripts/planted-faults.ts";

describe("npm run check", () => {
  for (const check of Object.values(checks)) {
    it(`passes: ${check.name}`, async () => {
      const { passed, output } = await runCheck(check);
      assert.ok(passed, output);
    });

    it(`finds planted faults: ${check.name}`, async () => {
      const caught = await plantFor(check);
      assert.ok(caught.length > 0);
      for (const { what, line, output } of caught) assert.ok(line, `${what} was not found:\n${output}`);
    });
  }
});
