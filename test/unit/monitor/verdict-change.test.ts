import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reminders, verdictChange } from "../../../src/monitor/verdict-change.ts";
import type { LastVerdict } from "../../../src/state/last-verdict.ts";

const verdict = (more: Partial<LastVerdict> = {}): LastVerdict => ({
  ...{ healthy: true, cause: "password", detail: "WRONGPASS", since_s: 100, at: "", claim: 0 },
  ...more,
});

describe("a check is logged", () => {
  const logged = (now: LastVerdict, last?: LastVerdict, unsaved?: string) =>
    verdictChange(now, last, unsaved)?.level ?? "not";

  it("when it finds something else than the last one", () => {
    assert.equal(logged(verdict()), "error");
    assert.equal(logged(verdict(), verdict()), "not");
    assert.equal(logged(verdict({ healthy: false }), verdict()), "error");
    assert.equal(logged(verdict({ cause: "master" }), verdict()), "info");
    assert.equal(logged(verdict({ cause: "refused", healthy: false }), verdict()), "warn");
    assert.equal(logged(verdict({ problem: "line 3" }), verdict()), "error");
  });

  it("again every ten minutes if a person must mend it, however often it is made and however many are left out", () => {
    assert.deepEqual(
      [0, 599.9, 600, 600.26, 1199, 1200.5].map((lasting_s) => reminders("password", lasting_s)),
      [0, 0, 1, 1, 1, 2],
    );
    assert.equal(reminders("master", 5000), 0);
    assert.equal(logged(verdict({ reminders: 1 }), verdict()), "error");
    assert.equal(logged(verdict({ reminders: 1 }), verdict({ reminders: 1 })), "not");
  });

  it("each time it can't be remembered", () => assert.equal(logged(verdict(), verdict(), "ENOSPC"), "error"));
});
