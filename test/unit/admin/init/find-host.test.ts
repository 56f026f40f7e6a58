import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type FoundServer, serversIn } from "../../../../src/admin/init/find-host.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-proc-"));
after(() => rmSync(folder, { recursive: true }));

interface Process {
  comm: string;
  cmdline: string;
  cgroup: string;
}

/** What is found on a host with these processes and files. */
function found(processes: readonly Process[], files: Record<string, string>): FoundServer[] {
  const proc = mkdtempSync(join(folder, "proc-"));
  mkdirSync(join(proc, "self"));
  for (const [index, { comm, cmdline, cgroup }] of processes.entries()) {
    const at = join(proc, String(100 + index));
    mkdirSync(at);
    writeFileSync(join(at, "comm"), `${comm}\n`);
    writeFileSync(join(at, "cmdline"), `${cmdline}\0\0\0`);
    writeFileSync(join(at, "cgroup"), `${cgroup}\n`);
  }
  return serversIn(proc, (path) => files[path]);
}

const redis = { comm: "redis-server", cmdline: "/usr/bin/redis-server 127.0.0.1:6379" };
const inUnit = (unit: string) => `0::/system.slice/${unit}.service`;

describe("the servers that init finds", () => {
  it("Redis of Debian: its unit, its file, and the password that counts", () => {
    const files = {
      "/etc/redis/redis.conf": "port 6379\nrequirepass old\ninclude /etc/redis/local.conf\n",
      "/etc/redis/local.conf": 'requirepass "x y"\n',
    };
    const here = found([{ ...redis, cgroup: inUnit("redis-server") }], files);
    const conf = "/etc/redis/redis.conf";
    assert.deepEqual(here, [{ server: "redis", port: 6379, unit: "redis-server", conf, password: "x y" }]);
  });

  it("Valkey of Debian, without a password", () => {
    const valkey = { comm: "valkey-server", cmdline: "/usr/bin/valkey-server *:6379" };
    const here = found([{ ...valkey, cgroup: inUnit("valkey-server") }], { "/etc/valkey/valkey.conf": "bind *\n" });
    const conf = "/etc/valkey/valkey.conf";
    assert.deepEqual(here, [{ server: "valkey", port: 6379, unit: "valkey-server", conf, password: undefined }]);
  });

  it("Valkey in the place of Redis: the file is Valkey's", () => {
    const [here] = found([{ ...redis, cgroup: inUnit("valkey") }], { "/etc/valkey/valkey.conf": "port 6379\n" });
    assert.deepEqual([here?.unit, here?.conf], ["valkey", "/etc/valkey/valkey.conf"]);
  });

  it("two instances: to each its own unit and file, also with TLS", () => {
    const files = {
      "/etc/redis/redis.conf": "port 6379\n",
      "/etc/redis/redis-6380.conf": "port 0\ntls-port 6380\nrequirepass carts\n",
    };
    const second = { ...redis, cmdline: "/usr/bin/redis-server 0.0.0.0:6380", cgroup: inUnit("redis-server@6380") };
    const here = found([{ ...redis, cgroup: inUnit("redis-server") }, second], files);
    assert.deepEqual(
      here.map(({ unit, conf, password }) => [unit, conf, password]),
      [
        ["redis-server", "/etc/redis/redis.conf", undefined],
        ["redis-server@6380", "/etc/redis/redis-6380.conf", "carts"],
      ],
    );
  });

  it("cgroup v1; an IPv6 address; a server in a container or a session has no unit, and one on another port no file", () => {
    const v1 = `12:pids:/system.slice/redis-server.service\n1:name=systemd:/system.slice/redis-server.service`;
    assert.equal(found([{ ...redis, cgroup: v1 }], {})[0]?.unit, "redis-server");
    const six = { ...redis, cmdline: "/usr/bin/redis-server ::1:6379", cgroup: "0::/user.slice/session-3.scope" };
    const [here] = found([six], { "/etc/redis/redis.conf": "port 6380\n" });
    assert.deepEqual(here, { server: "redis", port: 6379, unit: undefined, conf: undefined, password: undefined });
    assert.equal(found([{ ...redis, cgroup: "0::/system.slice/docker-4fb1.scope" }], {})[0]?.unit, undefined);
  });

  it("neither Sentinel, nor a child that saves, nor what has the name only", () => {
    const cgroup = inUnit("redis-sentinel");
    const others: Process[] = [
      { comm: "redis-sentinel", cmdline: "/usr/bin/redis-sentinel *:26379 [sentinel]", cgroup },
      { comm: "redis-server", cmdline: "/usr/bin/redis-server *:26379 [sentinel]", cgroup },
      { comm: "redis-server", cmdline: "redis-rdb-bgsave 127.0.0.1:6379", cgroup },
      { comm: "less", cmdline: "less redis-server *:6379", cgroup },
    ];
    assert.deepEqual(found(others, {}), []);
  });
});
