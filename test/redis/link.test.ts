import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Link } from "../../src/agent/link.ts";
import type { Endpoint } from "../../src/redis/session.ts";
import { type RedisServer, startServers } from "./servers.ts";
import { eventually } from "./wait.ts";

const rhythm = { redial_ms: 5, timeout_ms: 500 };

const linkTo = (endpoint: Endpoint, heard: string[], patient = false): Link =>
  new Link(endpoint, rhythm, {
    broke: () => heard.push("broke"),
    gone: ({ why }) => heard.push(`gone: ${why}`),
    back: () => heard.push("back"),
    interval_ms: () => 50,
    patient: () => patient,
  });

/** An agent's link to one server, and what it tells. */
async function withLink(
  conf: string[],
  body: (server: RedisServer, heard: string[], link: Link) => Promise<void>,
  patient = false,
): Promise<void> {
  const { servers, stop } = await startServers(1, { conf });
  const [server] = servers as [RedisServer];
  const heard: string[] = [];
  const link = linkTo(server.endpoint, heard, patient);
  const kept = link.keep();
  try {
    await eventually(async () => heard.includes("back"));
    await body(server, heard, link);
  } finally {
    link.close();
    await stop();
    await kept;
  }
}

async function hangUntil(server: RedisServer, heard: string[], word: string): Promise<void> {
  server.hang();
  try {
    await eventually(async () => heard.includes(word));
  } finally {
    server.resume();
  }
}

describe("an agent's link to a Redis", () => {
  it("that dies: gone, for it is refused", () =>
    withLink([], async (server, heard) => {
      await server.kill();
      await eventually(async () => heard.length >= ["back", "broke", "gone"].length);
      assert.deepEqual(heard, ["back", "broke", "gone: refused"]);
    }));

  for (const patient of [false, true])
    it(`that hangs: gone after ${patient ? "a second" : "the"} time-out; that goes on: back`, () =>
      withLink(
        [],
        async (server, heard) => {
          await hangUntil(server, heard, "gone: timeout");
          await eventually(async () => heard.at(-1) === "back");
          assert.deepEqual(heard, ["back", "broke", "gone: timeout", "back"]);
        },
        patient,
      ));

  it("that stands still for longer than the time-out, and nobody waits for it: back, and never gone", () =>
    withLink(
      [],
      async (server, heard) => {
        await hangUntil(server, heard, "broke");
        await eventually(async () => heard.length >= ["back", "broke", "back"].length);
        assert.deepEqual(heard, ["back", "broke", "back"]);
      },
      true,
    ));

  it("that ended our connection: back", () =>
    withLink([], async (server, heard) => {
      await server.ask("CLIENT", "KILL", "TYPE", "normal");
      await eventually(async () => heard.length >= ["back", "broke", "back"].length);
      assert.deepEqual(heard, ["back", "broke", "back"]);
    }));

  it("whose password is changed after ours: let in without a new connection", async () => {
    const { servers, stop } = await startServers(1, { password: "old" });
    const [server] = servers as [RedisServer];
    const heard: string[] = [];
    const link = linkTo({ ...server.endpoint, password: "new" }, heard);
    const kept = link.keep();
    try {
      await eventually(async () => heard.includes("back"));
      const ping = async () => (await link.open()).ask("PING").catch((error: Error) => error.message);
      assert.match(String(await ping()), /WRONGPASS/);
      await server.ask("CONFIG", "SET", "requirepass", "new");
      await eventually(async () => (await ping()) === "PONG");
      assert.deepEqual(heard, ["back"]);
    } finally {
      link.close();
      await stop();
      await kept;
    }
  });

  // The child of the BGSAVE keeps the socket open, so that nothing tells us of the end.
  it("that ended our connection while it saves: back, and never gone", () =>
    withLink(["rdb-key-save-delay 1000", "save 3600 1"], async (server, heard) => {
      for (let key = 0; key < 3000; key++) await server.ask("SET", `key ${key}`, "1");
      await server.ask("BGSAVE");
      await server.ask("CLIENT", "KILL", "TYPE", "normal");
      await eventually(async () => heard.filter((word) => word === "back").length > 1);
      assert.match(String(await server.ask("INFO", "persistence")), /rdb_bgsave_in_progress:1/);
      await sleep(2 * rhythm.timeout_ms);
      assert.deepEqual(heard, ["back", "broke", "back"]);
    }));
});
