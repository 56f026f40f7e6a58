import assert from "node:assert/strict";
import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { it } from "node:test";
import { askAgentOf } from "../../../src/admin/ask-agent.ts";

const deadline_ms = 300;

async function asked(server: Server, listen = "0.0.0.0") {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const agent = { interval: 1, timeout: 1, listen: `${listen}:${port}` };
  try {
    return await askAgentOf<unknown>({ name: "a b", agent }, { address: "127.0.0.1" }, "/host", deadline_ms);
  } finally {
    server.close();
  }
}

it("an agent that answers", async () => {
  const answer = await asked(
    createHttp((request, response) => void response.end(JSON.stringify([{ asked: request.url }]))),
  );
  assert.deepEqual(answer.kind === "answered" && answer.body, { asked: "/host?cluster=a%20b" });
});

it("an agent that does not know the cluster, or the path, has not hung", async () => {
  const empty = await asked(createHttp((_, response) => void response.end("[]")));
  assert.deepEqual([empty.kind, "because" in empty && empty.because], ["no-answer", "other"]);
  const old = await asked(createHttp((_, response) => void response.writeHead(404).end("no")));
  assert.deepEqual([old.kind, "why" in old && old.why], ["no-answer", "HTTP 404"]);
});

it("one that accepts the connection and says nothing hangs", async () => {
  const started = performance.now();
  const sockets: { destroy(): void }[] = [];
  const answer = await asked(createServer((socket) => void sockets.push(socket)));
  for (const socket of sockets) socket.destroy();
  assert.deepEqual([answer.kind, "because" in answer && answer.because], ["no-answer", "hangs"]);
  assert.ok(performance.now() - started >= deadline_ms - 5);
});

it("a host on which nobody listens refuses", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const agent = { interval: 1, timeout: 1, listen: `0.0.0.0:${port}` };
  const answer = await askAgentOf({ name: "a", agent }, { address: "127.0.0.1" }, "/kept", deadline_ms);
  assert.deepEqual([answer.kind, "because" in answer && answer.because], ["no-answer", "refused"]);
});

it("an agent that does not listen, or on the loopback address only, is not asked", async () => {
  const none = await askAgentOf(
    { name: "a", agent: { interval: 1, timeout: 1 } },
    { address: "192.0.2.1" },
    "/host",
    1,
  );
  assert.equal(none.kind, "not-asked");
  for (const listen of ["127.0.0.1", "[::1]", "localhost"])
    assert.equal((await asked(createServer(), listen)).kind, "not-asked");
});
