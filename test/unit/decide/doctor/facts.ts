import { checksTable, doctorReport } from "../../../../src/decide/doctor/report.ts";
import type { DoctorFacts, NodeFacts, RedisFacts } from "../../../../src/model/doctor.ts";
import type { DoctorReport } from "../../../../src/model/doctor-report.ts";

const node = (name: string, address: string, peer: string, here: boolean): NodeFacts => ({
  name,
  address,
  here,
  login: { value: { error: undefined } },
  follows: [{ to: peer, login: { value: { error: undefined } } }],
  settings: {
    value: {
      bind: "* -::*",
      "replica-read-only": "yes",
      "replica-priority": "100",
      "replica-announce-ip": "",
      "repl-backlog-size": "67108864",
      "repl-backlog-ttl": "0",
      "client-output-buffer-limit": "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
      "repl-diskless-sync-delay": "0",
      maxmemory: "0",
      "maxmemory-policy": "noeviction",
      "lazyfree-lazy-user-del": "yes",
      "lazyfree-lazy-user-flush": "yes",
      "replica-lazy-flush": "yes",
    },
  },
  info: {
    value: {
      ...{ server: "redis", version: "7.0.15", role: here ? "master" : "replica" },
      ...{ memory_bytes: 1e6, written_bytes_per_s: 1000 },
    },
  },
  commands: { value: [{ command: "CLIENT PAUSE", problem: undefined }] },
  users: { value: [{ name: "default", hash: "1" }] },
  clock: { value: { ahead_ms: 2, within_ms: 1 } },
  holder: { value: here },
  keepalived: { value: "runs" },
  agent: { value: "alive" },
  clusterFile: { value: "abc" },
});

/** A good pair, as `doctor` on server11 sees it. */
export const good = (): DoctorFacts => ({
  cluster: "sessions",
  vip: "192.0.2.120",
  here: "server11",
  file: "/etc/keepalived-redis/cluster.toml",
  options: "",
  user: "default",
  timing: {
    monitor: { interval: 1, timeout: 0.3, fall: 1 },
    agent: { interval: 0.03, timeout: 0.25 },
    ...{ advert_interval: 0.2, version: 3, lowest_priority: 253 },
  },
  passwordFile: "/etc/keepalived-redis/password",
  witnesses: [{ address: "192.0.2.1:53", answers: true }],
  nodes: [node("server11", "192.0.2.11", "server12", true), node("server12", "192.0.2.12", "server11", false)],
  host: {
    redisConf: { value: { file: "/etc/redis/redis.conf", replicaof: "127.0.0.1 1" } },
    keepalivedConf: {
      value: { file: "/etc/keepalived/keepalived.conf", profile: "agent", difference: undefined, command: "generate" },
    },
    keepalivedVersion: { value: "2.2.7" },
    configurationRead: {
      value: { file: "/etc/keepalived/keepalived.conf", written_later_s: undefined, refused: undefined },
    },
    scripts: { value: [] },
    state: { folder: "/run/keepalived-redis/sessions", exists: true, fifo: "there", tmpfiles: true, watched: true },
    startProblem: undefined,
    passwordReadable: false,
    unit: { value: { killMode: "process", handsOver: true } },
    logrotate: { log: "/var/log/keepalived-redis/sessions.log", rotated: true },
    free: { value: { folder: "/var/lib", bytes: 1e9 } },
    networkd: { interface: "eth0", file: undefined, keeps: true },
    networkManager: { value: { manages: false } },
    selinux: { value: { denials: 0, last: "" } },
    nodeVersion: "22.1.0",
    restarts: { needrestart: false, unattended: false },
  },
  network: {
    ...{ interface: "eth0", router_id: 51 },
    adverts: { value: [] },
    firewall: { value: { dropsVrrp: false } },
    answers: { value: [] },
  },
});

/** The first node, which is master, or the second one. */
export function nodeOf({ nodes }: DoctorFacts, index: 0 | 1): NodeFacts {
  const found = nodes[index];
  if (!found) throw new Error("there are two nodes");
  return found;
}

export function setting(facts: DoctorFacts, index: 0 | 1, name: string, value: string): void {
  const { settings } = nodeOf(facts, index);
  if ("value" in settings) settings.value[name] = value;
}

/** What one check finds on a good pair that was changed. */
export function reportOf(check: string, change: (facts: DoctorFacts) => void): DoctorReport {
  const facts = good();
  change(facts);
  const only = checksTable.filter(({ name }) => name === check);
  return doctorReport(facts, only);
}

/** The same in short: the severity, the node and what is wrong. */
export const found = (check: string, change: (facts: DoctorFacts) => void): string[] =>
  reportOf(check, change).findings.map(({ severity, on, what }) => `${severity} ${on}: ${what}`);

/** The same in short: the lines to write or to type. */
export const lines = (check: string, change: (facts: DoctorFacts) => void): string[] =>
  reportOf(check, change).findings.map(({ change }) => change.line);

export function info(facts: DoctorFacts, index: 0 | 1, changed: Partial<RedisFacts>): void {
  const { info } = nodeOf(facts, index);
  if ("value" in info) Object.assign(info.value, changed);
}

/** For a fact that could not be had. */
export const none = { unknown: "no answer" };
