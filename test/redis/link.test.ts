import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Link } from "../../src/agent/link.ts";
import type { Endpoint } from "../../src/redis/session.ts";
import { eventually } from "./eventually.ts";
import { type RedisServer, startServers } from "./servers.ts";

const times = { redial_ms: 5, timeout_ms: 500 };

const linkTo = (endpoint: Endpoint, events: string[], patient = false): Link =>
  new Link(endpoint, times, {
    broke: () => events.push("broke"),
    gone: ({ why }) => events.push(`gone: ${why}`),
    back: () => events.push("back"),
    interval_ms: () => 50,
    patient: () => patient,
  });

/** An agent's link to one server, and its events. */
async function withLink(
  conf: string[],
  body: (server: RedisServer, events: string[], link: Link) => Promise<void>,
  patient = false,
): Promise<void> {
  const { servers, stop } = await startServers(1, { conf });
  const [server] = servers as [RedisServer];
  const events: string[] = [];
  const link = linkTo(server.endpoint, events, patient);
  const kept = link.keep();
  try {
    await eventually(async () => events.includes("back"));
    await body(server, events, link);
  } finally {
    link.close();
    await stop();
    await kept;
  }
}

async function hangUntil(server: RedisServer, events: string[], word: string): Promise<void> {
  server.hang();
  try {
    await eventually(async () => events.includes(word));
  } finally {
    server.resume();
  }
}

describe("an agent's link to a Redis", () => {
  it("that dies: gone, since the connection is refused", () =>
    withLink([], async (server, events) => {
      await server.kill();
      await eventually(async () => events.length >= ["back", "broke", "gone"].length);
      assert.deepEqual(events, ["back", "broke", "gone: refused"]);
    }));

  for (const patient of [false, true])
    it(`that hangs: gone after ${patient ? "a second" : "the"} time-out, and back once it is resumed`, () =>
      withLink(
        [],
        async (server, events) => {
          await hangUntil(server, events, "gone: timeout");
          await eventually(async () => events.at(-1) === "back");
          assert.deepEqual(events, ["back", "broke", "gone: timeout", "back"]);
        },
        patient,
      ));

  it("that hangs for longer than the time-out, but not for two, with a patient link: back, and never gone", () =>
    withLink(
      [],
      async (server, events) => {
        await hangUntil(server, events, "broke");
        await eventually(async () => events.length >= ["back", "broke", "back"].length);
        assert.deepEqual(events, ["back", "broke", "back"]);
      },
      true,
    ));

  it("that closed the agent's connection: back", () =>
    withLink([], async (server, events) => {
      await server.ask("CLIENT", "KILL", "TYPE", "normal");
      await eventually(async () => events.length >= ["back", "broke", "back"].length);
      assert.deepEqual(events, ["back", "broke", "back"]);
    }));

  it("whose password is changed later than the agent's: logged in without a new connection", async () => {
    const { servers, stop } = await startServers(1, { password: "old" });
    const [server] = servers as [RedisServer];
    const events: string[] = [];
    const link = linkTo({ ...server.endpoint, password: "new" }, events);
    const kept = link.keep();
    try {
      await eventually(async () => events.includes("back"));
      const ping = async () => (await link.open()).ask("PING").catch((error: Error) => error.message);
      assert.match(String(await ping()), /WRONGPASS/);
      await server.ask("CONFIG", "SET", "requirepass", "new");
      await eventually(async () => (await ping()) === "PONG");
      assert.deepEqual(events, ["back"]);
    } finally {
      link.close();
      await stop();
      await kept;
    }
  });

  // The child of the BGSAVE keeps the socket open, so the connection is not closed.
  it("that ended the agent's connection while it saves: back, and never gone", () =>
    withLink(["rdb-key-save-delay 1000", "save 3600 1"], async (server, events) => {
      for (let key = 0; key < 3000; key++) await server.ask("SET", `key ${key}`, "1");
      await server.ask("BGSAVE");
      await server.ask("CLIENT", "KILL", "TYPE", "normal");
      await eventually(async () => events.filter((word) => word === "back").length > 1);
      assert.match(String(await server.ask("INFO", "persistence")), /rdb_bgsave_in_progress:1/);
      await sleep(2 * times.timeout_ms);
      assert.deepEqual(events, ["back", "broke", "back"]);
    }));
});
