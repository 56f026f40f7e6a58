import assert from "node:assert/strict";
import { it } from "node:test";
import { whyNotStarting } from "../../../src/decide/start-problem.ts";

const of = (problem: Parameters<typeof whyNotStarting>[0]) =>
  whyNotStarting(problem, { start: "systemctl start keepalived", doctor: "doctor" });

it("says why Keepalived does not start, and what to do before it is started", () => {
  const folder = { is: "no-folder", what: "/run/x" } as const;
  const why = "it does not start, since there is no folder /run/x for its track files";
  assert.deepEqual(of({ ...folder, made_at_boot: true }), {
    why,
    command: "systemd-tmpfiles --create && systemctl start keepalived",
  });
  assert.deepEqual(of({ ...folder, made_at_boot: false }), { why, command: "doctor state-folder" });
  assert.deepEqual(of({ is: "configuration", what: "(Line 7) Unknown keyword 'x'" }), {
    why: "it does not start, since keepalived -t says (Line 7) Unknown keyword 'x'",
    command: "vi /etc/keepalived/keepalived.conf && systemctl start keepalived",
  });
});

it("says nothing where nothing is known, or of a Keepalived that runs", () => {
  for (const problem of [undefined, null, { is: "not-watched", what: "/run/x" }] as const)
    assert.equal(of(problem), undefined);
});
