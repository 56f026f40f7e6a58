import assert from "node:assert/strict";
import { it } from "node:test";
import { found, lines, reportOf } from "./facts.ts";

it("systemd-networkd takes the virtual IP away only where it manages the interface and keeps nothing", () => {
  const file = "/etc/systemd/network/10-lan.network";
  const where = (networkd: { file: string | undefined; keeps: boolean }) =>
    reportOf("networkd", ({ host }) => Object.assign(host.networkd, networkd)).findings.map(
      ({ change }) => change.where,
    );
  assert.deepEqual(where({ file: undefined, keeps: false }), []);
  assert.deepEqual(where({ file, keeps: true }), []);
  assert.deepEqual(where({ file, keeps: false }), [
    "/etc/systemd/network/10-lan.network.d/keepalived-redis.conf, section [Network]",
  ]);
});

it("each program that restarts Keepalived is named", () => {
  const restarts = (needrestart: boolean, unattended: boolean) =>
    found("restarts", ({ host }) => Object.assign(host.restarts, { needrestart, unattended }));
  const [library, upgrade] = [
    "advice server11: needrestart restarts Keepalived after an upgrade of a library",
    "advice server11: unattended-upgrades upgrades Keepalived",
  ];
  assert.deepEqual(restarts(true, false), [library]);
  assert.deepEqual(restarts(false, true), [upgrade]);
  assert.deepEqual(restarts(true, true), [library, upgrade]);
  const { findings } = reportOf("restarts", ({ host }) =>
    Object.assign(host.restarts, { needrestart: true, unattended: true }),
  );
  assert.deepEqual(
    findings.map(({ change }) => change.where),
    ["/etc/needrestart/conf.d/keepalived-redis.conf", "/etc/apt/apt.conf.d/51keepalived-redis"],
  );
});

it("one denial of SELinux is one too many", () => {
  const denied = (denials: number) =>
    lines("selinux", ({ host }) => {
      host.selinux = { value: { denials, last: "execute to sh" } };
    }).length;
  assert.deepEqual([0, 1, 2].map(denied), [0, 1, 1]);
});
