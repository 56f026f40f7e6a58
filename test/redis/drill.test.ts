import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { ProbeClient, probeKey } from "../../src/admin/drill/probe-client.ts";
import { CommandRefused } from "../../src/cluster/errors.ts";
import { openConnection } from "../../src/redis/connection.ts";
import type { RedisContext } from "../../src/redis/sessions.ts";
import { listensOn } from "../../src/system/listens-on.ts";
import { eventually } from "./eventually.ts";
import { withPair } from "./redis-pair.ts";
import { type RedisServer, type Servers, startServers } from "./servers.ts";

// The thread of the probe client is a part of it.
const executable = fileURLToPath(new URL("../../dist/drill", import.meta.url));

/** The probe client of `drill`, and what it kills. The virtual IP is the address of the first server. */

const withProbe = (
  body: (server: RedisServer, start: (password?: string) => Promise<ProbeClient>, key: string) => Promise<void>,
) =>
  withPair({}, async (pair, server) => {
    const context = (password: string | undefined): RedisContext => ({
      ...{ file: pair.file, paths: pair.paths, open: openConnection, password, node: pair.cluster.nodes[0] as never },
      cluster: { ...pair.cluster, vip: { ...pair.cluster.vip, address: `${server.endpoint.host}/8` } },
    });
    await body(
      server,
      (password = pair.password) => ProbeClient.start(context(password), executable),
      probeKey(pair.cluster),
    );
  });

describe("the probe", () => {
  it("writes one key that expires by itself, and leaves nothing behind", async () => {
    await withProbe(async (server, start, key) => {
      const probe = await start();
      await eventually(async () => probe.acknowledged > 20);
      assert.deepEqual(await server.ask("KEYS", "*"), [key]);
      const left_ms = Number(await server.ask("PTTL", key));
      assert.ok(left_ms > 50_000 && left_ms <= 60_000, `${left_ms}`);
      assert.equal(await probe.stop(), undefined);
      assert.deepEqual(await server.ask("KEYS", "*"), []);
      assert.deepEqual(probe.record.losses, []);
      assert.equal(probe.record.acknowledged_ms.length, probe.acknowledged);
    });
  });

  it("notices writes that are gone, and how many", async () => {
    await withProbe(async (server, start, key) => {
      const probe = await start();
      await eventually(async () => probe.acknowledged > 20);
      await server.ask("CLIENT", "PAUSE", "300", "WRITE");
      const [id = "", number] = String(await server.ask("GET", key)).split(" ");
      const old = `${id} ${Number(number) - 7}`;
      await server.ask("CLIENT", "UNPAUSE");
      await server.ask("SET", key, old);
      await eventually(async () => probe.record.losses.length === 1);
      const [first] = probe.record.losses;
      assert.ok(first && first.writes >= 7 && first.writes < 200, JSON.stringify(first));
      await server.ask("DEL", key);
      await eventually(async () => probe.record.losses.length === 2);
      assert.ok((probe.record.losses[1]?.writes ?? 0) > 20);
      await probe.stop();
    });
  });

  it("goes on after its connection was ended, its server refused writes, or was down", async () => {
    await withProbe(async (server, start) => {
      const probe = await start();
      const goesOn = async () => {
        const before = probe.acknowledged;
        await eventually(async () => probe.acknowledged > before + 5);
      };
      await server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      await goesOn();
      await server.ask("REPLICAOF", "127.0.0.1", "1");
      const stopped = probe.acknowledged;
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.ok(probe.acknowledged <= stopped + 1);
      await server.ask("REPLICAOF", "NO", "ONE");
      await goesOn();
      assert.deepEqual(probe.record.losses, []);
      await server.kill();
      await server.start();
      await goesOn();
      assert.equal(probe.record.losses.length, 1);
      await probe.stop();
    });
  });

  it("refuses beside another drill, without the rights to its key, and with a wrong password", async () => {
    await withProbe(async (server, start, key) => {
      const probe = await start();
      await assert.rejects(
        start(),
        (error: CommandRefused) => /another drill/.test(error.message) && /60 s/.test(error.remedy ?? ""),
      );
      await probe.stop();
      await server.ask("ACL", "SETUSER", "default", "resetkeys", "~shop:*");
      await assert.rejects(start(), (error: CommandRefused) => {
        assert.ok(error instanceof CommandRefused);
        assert.match(error.message, /can't be written.*NOPERM/);
        assert.match(error.remedy ?? "", /~keepalived-redis:\*/);
        return true;
      });
      await server.ask("ACL", "SETUSER", "default", "~*");
      await assert.rejects(start("another"), (error: CommandRefused) => /WRONGPASS/.test(error.message));
      assert.equal(await server.ask("EXISTS", key), 0);
    });
  });
});

describe("the process that is killed", () => {
  let servers: Servers;
  before(async () => {
    servers = await startServers(1);
  });
  after(() => servers.stop());

  it("listens on the port of Redis; this one does not, and not on another port", () => {
    const [server] = servers.servers;
    assert.ok(server?.pid);
    const { port } = server.endpoint;
    assert.equal(listensOn(server.pid, port), true);
    assert.equal(listensOn(process.pid, port), false);
    assert.equal(listensOn(server.pid, port - 1), false);
    assert.throws(() => listensOn(2 ** 30, port));
  });
});

describe("a command at our end", () => {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-drill-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const module = new URL("../../src/admin/drill/run-at-our-end.ts", import.meta.url).href;

  /** Runs a process that leaves a command, and ends it. */
  async function left(file: string, more: string, signal: NodeJS.Signals): Promise<void> {
    const script = `const { runAtOurEnd } = await import(${JSON.stringify(module)});
      const end = runAtOurEnd(["touch", ${JSON.stringify(file)}]); ${more}; console.log("ready"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.kill(signal);
    await new Promise((resolve) => child.once("exit", resolve));
  }

  it("is run after kill -9 and after SIGINT", async () => {
    for (const signal of ["SIGKILL", "SIGINT"] as const) {
      const file = join(folder, signal);
      await left(file, "", signal);
      await eventually(async () => existsSync(file));
    }
  });

  it("is not run if it was called off", async () => {
    const file = join(folder, "called-off");
    await left(file, "end()", "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(existsSync(file), false);
  });
});
