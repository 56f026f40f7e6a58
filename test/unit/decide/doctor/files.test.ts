import assert from "node:assert/strict";
import { it } from "node:test";
import type { HostFacts } from "../../../../src/model/doctor.ts";
import { found, lines, none, reportOf } from "./facts.ts";

it("keepalived.conf is as it was generated, or was not generated at all", () => {
  const differs = (changed: object) =>
    found("keepalived-conf", ({ host: { keepalivedConf } }) => {
      if ("value" in keepalivedConf) Object.assign(keepalivedConf.value, changed);
    });
  assert.deepEqual(differs({}), []);
  assert.deepEqual(differs({ difference: { line: 3, is: "a", wanted: "b" } }), [
    'danger server11: /etc/keepalived/keepalived.conf, line 3: "a" instead of "b"',
  ]);
  assert.deepEqual(differs({ file: undefined }), ["danger server11: no file of Keepalived was generated for sessions"]);
});

it("says how to mend each problem of an executable", () => {
  const problems = [
    "/opt/x does not belong to root",
    "/opt is writable by users other than root",
    "/opt/x is not executable",
    "/opt/x does not exist",
  ];
  assert.deepEqual(
    lines("scripts", ({ host }) => {
      host.scripts = { value: problems };
    }),
    ["chown root:root /opt/x", "chmod go-w /opt", "chmod 755 /opt/x", "ls -ld /opt/x"],
  );
});

const stateOf = (changed: Partial<HostFacts["state"]>) => (facts: { host: HostFacts }) =>
  Object.assign(facts.host.state, changed);

it("of a state folder that is missing, not said is that the FIFO is missing", () => {
  const state = (changed: Partial<HostFacts["state"]>) => found("state-folder", stateOf(changed));
  const folder = "/run/keepalived-redis/sessions";
  assert.deepEqual(state({}), []);
  for (const fifo of ["missing", "no-fifo"] as const)
    assert.deepEqual(state({ exists: false, fifo }), [`danger server11: there is no ${folder}`]);
  assert.deepEqual(state({ fifo: "missing" }), [`danger server11: there is no FIFO in ${folder}`]);
  assert.deepEqual(state({ fifo: "no-fifo" }), [`danger server11: notify.fifo in ${folder} is no FIFO`]);
});

it("Keepalived watches the state folder; without a file of ours it need not", () => {
  const watched = (state: Partial<HostFacts["state"]>, file: string | undefined) =>
    found("state-folder", (facts) => {
      stateOf(state)(facts);
      const { keepalivedConf } = facts.host;
      if ("value" in keepalivedConf) keepalivedConf.value.file = file;
    });
  const not = ["danger server11: Keepalived does not watch /run/keepalived-redis/sessions"];
  assert.deepEqual(watched({ watched: false }, "/etc/keepalived/keepalived.conf"), not);
  assert.deepEqual(watched({ watched: false }, undefined), []);
  assert.deepEqual(watched({ watched: undefined }, "/etc/keepalived/keepalived.conf"), []);
});

it("tmpfiles.d makes what the profile of keepalived.conf needs; without one, what hooks need", () => {
  const profiled = (profile: "agent" | "hooks" | undefined) =>
    lines("state-folder", (facts) => {
      stateOf({ tmpfiles: false })(facts);
      const { keepalivedConf } = facts.host;
      if ("value" in keepalivedConf) keepalivedConf.value.profile = profile;
    })[0];
  assert.match(profiled("agent") ?? "", /--profile agent /);
  assert.match(profiled("hooks") ?? "", /--profile hooks /);
  assert.match(profiled(undefined) ?? "", /--profile hooks /);
  const unknown = lines("state-folder", (facts) => {
    stateOf({ tmpfiles: false })(facts);
    facts.host.keepalivedConf = none;
  })[0];
  assert.match(unknown ?? "", /--profile hooks /);
});

it("the unit of Keepalived hands the role over and lets hooks finish; where there is no systemd, neither counts", () => {
  const unit = (value: { killMode: string; handsOver: boolean } | undefined) =>
    reportOf("unit", ({ host }) => {
      host.unit = { value };
    }).findings.map(({ what, why }) => `${what}. ${why}`);
  const kills = "When Keepalived stops, systemd kills the hooks that still work.";
  const costs = "To stop Keepalived on the master, also by an upgrade or a reboot, can cost writes.";
  assert.deepEqual(unit(undefined), []);
  assert.deepEqual(unit({ killMode: "process", handsOver: true }), []);
  assert.deepEqual(unit({ killMode: "mixed", handsOver: true }), [`keepalived.service has KillMode=mixed. ${kills}`]);
  for (const killMode of ["process", "mixed"])
    assert.deepEqual(unit({ killMode, handsOver: false }), [
      `keepalived.service does not hand the role over before it stops. ${costs}`,
    ]);
});
