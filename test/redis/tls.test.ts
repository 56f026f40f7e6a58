import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openConnection } from "../../src/redis/connection.ts";
import { makeCertificates } from "../lab/server/tls.ts";
import { freePort, startServers } from "./servers.ts";

const deadline_ms = 3000;

test("a TLS handshake may take longer than a third of the deadline, in which a lost SYN is sent again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-tls-"));
  const path = (name: string) => join(folder, `${name}.pem`);
  const { servers, stop } = await startServers(1, { password: "hunter2" });
  const [server] = servers;
  assert.ok(server);
  const { endpoint } = server;
  const tlsPort = await freePort([endpoint.host]);
  // Delays what the client sends first, as a busy host does.
  const slow = createServer((client) => {
    const onward = createConnection({ host: endpoint.host, port: tlsPort });
    for (const [one, other] of [[client, onward] as const, [onward, client] as const]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
    onward.pipe(client);
    setTimeout(() => client.pipe(onward), deadline_ms / 2);
  }).listen(0, "127.0.0.1");
  try {
    await once(slow, "listening");
    for (const [name, text] of Object.entries(await makeCertificates([endpoint.host]))) writeFileSync(path(name), text);
    const settings = { "tls-ca-cert-file": "ca", "tls-cert-file": "cert", "tls-key-file": "key" };
    for (const [key, name] of Object.entries(settings)) await server.ask("CONFIG", "SET", key, path(name));
    await server.ask("CONFIG", "SET", "tls-port", String(tlsPort));
    const { port } = slow.address() as AddressInfo;
    const tls = { ca: path("ca"), cert: path("cert"), key: path("key") };
    const session = await openConnection({ ...endpoint, host: "127.0.0.1", port, tls }, deadline_ms);
    try {
      assert.equal(await session.ask("PING"), "PONG");
    } finally {
      session.close();
    }
  } finally {
    slow.close();
    await stop();
    rmSync(folder, { recursive: true });
  }
});
