import assert from "node:assert/strict";
import { test } from "node:test";
import { readRedis } from "../../src/admin/doctor/redis-facts.ts";
import { tryCommands } from "../../src/admin/doctor/try-commands.ts";
import { parseCluster } from "../../src/cluster/load.ts";
import { localNode } from "../../src/cluster/local-node.ts";
import { render } from "../../src/keepalived/render.ts";
import { openConnection } from "../../src/redis/connection.ts";
import { startServers } from "./servers.ts";

test("a real server accepts the lines of generate-config --redis, with passwords inserted, and starts parked", async () => {
  const { servers, stop } = await startServers(1, { password: "hunter2" });
  const [server] = servers;
  assert.ok(server);
  try {
    const text = `
name = "sessions"
vip = { address = "192.0.2.120/24", interface = "eth0", router_id = 51 }
redis = { port = ${server.endpoint.port}, password_file = "/etc/password", persistence = "replica" }
nodes = [{ name = "server11", address = "127.0.0.1" }, { name = "server12", address = "127.0.0.2" }]`;
    const cluster = parseCluster(text, "cluster.toml");
    const node = localNode(cluster, "server11");
    const lines = render.redis({ cluster, node, profile: "hooks", bin: "/", clusterFile: undefined });
    const filled = lines.replace(/^# {3}(.*)THE-PASSWORD$/gm, "$1hunter2");
    assert.match(filled, /^requirepass hunter2$/m);
    await server.stop();
    // Redis uses the last of two equal keys: the test listens on loopback only.
    await server.start(filled, "bind 127.0.0.1");
    const replication = String(await server.ask("INFO", "replication"));
    assert.match(replication, /role:slave/);
    for (const [key, value] of [
      ["masterauth", "hunter2"],
      ["repl-backlog-size", String(64 * 1024 * 1024)],
      ["repl-backlog-ttl", "0"],
      ["repl-diskless-sync-delay", "0"],
      ["lazyfree-lazy-user-del", "yes"],
      ["lazyfree-lazy-user-flush", "yes"],
      ["replica-lazy-flush", "yes"],
      ["save", "3600 1 300 100 60 10000"],
    ] as const)
      assert.deepEqual(await server.ask("CONFIG", "GET", key), [key, value]);
  } finally {
    await stop();
  }
});

test("a real server accepts the user of generate-config --acl, lets it do what is needed, and nothing else", async () => {
  const { servers, stop } = await startServers(2, { password: "of-clients" });
  const [server, second] = servers;
  assert.ok(server && second);
  try {
    const text = `
name = "sessions"
vip = { address = "192.0.2.120/24", interface = "eth0", router_id = 51 }
redis = { username = "failover", password_file = "/etc/password" }
nodes = [{ name = "server11", address = "127.0.0.1" }, { name = "server12", address = "127.0.0.2" }]`;
    const cluster = parseCluster(text, "cluster.toml");
    const node = localNode(cluster, "server11");
    const input = { cluster, node, profile: "hooks", bin: "/", clusterFile: undefined } as const;
    await server.stop();
    await server.start(render.acl({ ...input, redisPassword: "hunter2" }));
    const session = await openConnection({ ...server.endpoint, username: "failover", password: "hunter2" }, 2000);
    const answers = await tryCommands(session, "keepalived-redis:sessions:drain");
    assert.deepEqual(
      answers.filter(({ problem }) => problem !== undefined),
      [],
    );
    session.close();
    const other = await openConnection({ ...server.endpoint, username: "failover", password: "hunter2" }, 2000);
    for (const command of [["SHUTDOWN"], ["MONITOR"], ["CONFIG", "REWRITE"], ["ACL", "SETUSER", "x"]])
      await assert.rejects(other.ask(...command), /NOPERM/, command.join(" "));
    await assert.rejects(other.ask("subscribe", "keepalived-redis:others:drain"), /NOPERM/);
    other.close();
    await second.stop();
    await second.start(render.acl({ ...input, redisPassword: "hunter2" }));
    const read = { name: "server11", open: openConnection, channel: "keepalived-redis:sessions:drain", measure: false };
    const [ours, theirs] = await Promise.all(
      servers.map(({ endpoint }) => readRedis({ ...endpoint, username: "failover", password: "hunter2" }, read)),
    );
    assert.ok(ours && "value" in ours.users);
    assert.deepEqual(ours.users, theirs?.users, "doctor calls the same users different");
  } finally {
    await stop();
  }
});
