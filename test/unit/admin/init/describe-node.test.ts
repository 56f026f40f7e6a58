import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, it } from "node:test";
import { type ClusterFlags, describeNode } from "../../../../src/admin/init/describe-node.ts";
import type { FoundServer } from "../../../../src/admin/init/find-host.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "keepalived-redis-root-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const path = "/etc/keepalived-redis/cluster.toml";

async function described(server?: Partial<FoundServer>, more: Partial<ClusterFlags> = {}) {
  const flags: ClusterFlags = {
    ...{ name: "sessions", vip: "192.0.2.120/24", interface: "eth0", "router-id": "51" },
    ...{ nodes: ["server11=192.0.2.11", "server12=192.0.2.12"], port: undefined, "no-password": false },
    ...{ "redis-unit": undefined, join: undefined, profile: undefined, yes: true, root },
    ...more,
  };
  const one = { server: "redis", port: 6379, unit: undefined, conf: undefined, password: undefined } as const;
  const servers = server ? [{ ...one, ...server }] : [];
  return describeNode(path, flags, { hostname: "server11", interfaces: [], servers }, undefined);
}

it("the command that starts Redis names the unit that was found or given, or that of the server that runs", async () => {
  const table: [server: Partial<FoundServer> | undefined, unit: string | undefined, started: string][] = [
    [undefined, undefined, "redis"],
    [{}, undefined, "redis"],
    [{ unit: "redis-server" }, undefined, "redis-server"],
    [{ unit: "redis-server" }, "cache", "cache"],
    [{ server: "valkey" }, undefined, "valkey"],
    [{ server: "valkey", unit: "valkey-server" }, undefined, "valkey-server"],
  ];
  for (const [server, unit, started] of table) {
    const { cluster } = await described(server, { "redis-unit": unit });
    assert.deepEqual(cluster.commands.start_redis, ["systemctl", "start", started]);
  }
});

it("the profile is the one that was written before, into keepalived.conf or the file that it includes", async () => {
  assert.equal((await described()).profile, "agent");
  for (const file of ["sessions.conf", "keepalived.conf"]) {
    const at = join(root, "/etc/keepalived", file);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, "# sessions: server11, one of 2 nodes, profile hooks.\n");
    assert.equal((await described()).profile, "hooks", file);
    rmSync(at);
  }
});
