import assert from "node:assert/strict";
import { it } from "node:test";
import type { DoctorFacts, NodeFacts } from "../../../../src/model/doctor.ts";
import { found, nodeOf, none, reportOf } from "./facts.ts";

const without = (agent: NodeFacts["agent"], profile: "agent" | "hooks" | undefined) =>
  found("agent-runs", (facts) => {
    nodeOf(facts, 1).agent = agent;
    const { keepalivedConf } = facts.host;
    if ("value" in keepalivedConf) keepalivedConf.value.profile = profile;
  });

it("an agent hangs or does not run", () => {
  assert.deepEqual(without({ value: "hung" }, "agent"), ["danger server12: the agent on server12 hangs"]);
  for (const value of ["died", "none"] as const)
    assert.deepEqual(without({ value }, "agent"), ["danger server12: the agent on server12 does not run"]);
});

it("an agent whose port refuses connections may run: that is no danger", () =>
  assert.deepEqual(without({ value: "refused" }, "agent"), [
    "advice server12: the port of the agent on server12 refuses connections",
  ]));

it("no agent is needed where keepalived.conf is not of that profile", () => {
  assert.deepEqual(without({ value: "none" }, "hooks"), []);
  assert.deepEqual(without({ value: "none" }, undefined), []);
});

it("each node is compared with this one", () => {
  const differs = (change: (facts: DoctorFacts) => void) =>
    found("cluster-file", (facts) => {
      nodeOf(facts, 1).clusterFile = { value: "def" };
      change(facts);
    });
  assert.deepEqual(
    differs(() => undefined),
    ["danger server12: the cluster file on server12 says something else than that on server11"],
  );
  const seenFrom12 = differs((facts) => {
    facts.here = "server12";
    Object.assign(nodeOf(facts, 0), { here: false });
    Object.assign(nodeOf(facts, 1), { here: true });
  });
  assert.deepEqual(seenFrom12, [
    "danger server11: the cluster file on server11 says something else than that on server12",
  ]);
});

it("does not know whether cluster files differ while that of this host is not known", () => {
  const { findings, not_known } = reportOf("cluster-file", (facts) => {
    nodeOf(facts, 0).clusterFile = none;
  });
  assert.deepEqual(findings, []);
  assert.deepEqual(not_known, [{ check: "cluster-file", on: "server11", not_known: "no answer" }]);
});

it("of this host it is known why Keepalived does not start", () => {
  const dead = (index: 0 | 1) =>
    reportOf("keepalived-runs", (facts) => {
      nodeOf(facts, index).keepalived = { value: "not" };
      facts.host.startProblem = { is: "no-folder", what: "/run/x", made_at_boot: true };
    }).findings.map(({ what, change }) => [what, change.line]);
  const start = "systemctl enable --now keepalived";
  const why = "it does not start, since there is no folder /run/x for its track files";
  assert.deepEqual(dead(0), [[`Keepalived does not run on server11: ${why}`, `systemd-tmpfiles --create && ${start}`]]);
  assert.deepEqual(dead(1), [["Keepalived does not run on server12", start]]);
});
