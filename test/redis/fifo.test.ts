import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Fifo, parseVrrpLine } from "../../src/keepalived/fifo.ts";
import { eventually } from "./eventually.ts";
import { FifoWriter } from "./fifo-writer.ts";

async function withFifo(body: (path: string, writer: FifoWriter, received: string[]) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fifo-"));
  const path = join(folder, "notify.fifo");
  const received: string[] = [];
  const fifo = new Fifo(path, {
    heard: ({ state }) => received.push(state),
    silent: () => received.at(-1) !== "closed" && received.push("closed"),
  });
  fifo.open();
  const writer = new FifoWriter(path);
  const checks = setInterval(() => fifo.checkFile(), 50);
  try {
    await body(path, writer, received);
  } finally {
    clearInterval(checks);
    writer.close();
    fifo.close();
    rmSync(folder, { recursive: true });
  }
}

const states = ["MASTER", "BACKUP", "FAULT", "STOP"] as const;
const line = (state: string) => `INSTANCE "sessions" ${state} 250\n`;

describe("the FIFO", () => {
  it("is made if it is missing, and reads what was written before it was opened", () =>
    withFifo(async (_path, writer, received) => {
      assert.ok(writer.write(line("BACKUP") + line("MASTER")));
      await eventually(async () => received.length >= ["BACKUP", "MASTER"].length);
      assert.deepEqual(received, ["BACKUP", "MASTER"]);
    }));

  it("reads 10,000 lines in order, in pieces, among garbage", () =>
    withFifo(async (_path, writer, received) => {
      const sent: string[] = [];
      let text = "";
      for (let index = 0; index < 10_000; index++) {
        const state = states[(index * 7) % states.length] as string;
        sent.push(state);
        text += line(state);
        if (index % 10 === 0) text += 'INSTANCE sessions MASTER\nGROUP "all" MASTER 1\n\u0000\u0007\n';
      }
      for (let at = 0; at < text.length; ) {
        const piece = text.slice(at, at + 1 + ((at * 31) % 900));
        if (writer.write(piece)) at += piece.length;
        else await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await eventually(async () => received.length === sent.length);
      assert.deepEqual(received, sent);
    }));

  it("goes on after closed writers and a new file, and reports each close", () =>
    withFifo(async (path, writer, received) => {
      for (let round = 0; round < 12; round++) {
        const state = states[round % states.length] as string;
        const before = received.length;
        assert.ok(writer.write(line(state)));
        await eventually(async () => received.slice(before).length >= [state].length);
        assert.deepEqual(received.slice(before), [state]);
        if (round % 3 === 1) {
          rmSync(path);
          execFileSync("mkfifo", [path]);
        }
        writer.close();
        await eventually(async () => received.slice(before).length >= [state, "closed"].length);
        assert.deepEqual(received.slice(before), [state, "closed"]);
      }
    }));

  it("reads the newest line after the pipe was full and lines were lost", () =>
    withFifo(async (_path, writer, received) => {
      let lost = 0;
      // This loop blocks the event loop, so that nothing is read: the pipe holds 64 KiB, the rest is lost.
      for (let index = 0; index < 5000; index++) if (!writer.write(line("FAULT"))) lost++;
      assert.ok(lost > 0);
      await eventually(async () => received.length === 5000 - lost);
      assert.ok(writer.write(line("MASTER")));
      await eventually(async () => received.at(-1) === "MASTER");
    }));

  it("shares its lines with a second reader, and stays open when that one ends", () =>
    withFifo(async (path, writer, received) => {
      writer.open();
      const other = spawn("timeout", ["0.3", "cat", path], { stdio: "ignore" });
      const ended = new Promise((resolve) => other.once("exit", resolve));
      for (let index = 0; index < 100; index++) {
        writer.write(line("BACKUP"));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await ended;
      assert.ok(writer.write(line("MASTER")));
      await eventually(async () => received.at(-1) === "MASTER");
      assert.ok(!received.includes("closed"));
    }));

  it("accepts only lines of Keepalived as VRRP lines", () => {
    assert.deepEqual(parseVrrpLine('INSTANCE "a b" MASTER_RX_LOWER_PRI 150'), {
      instance: "a b",
      state: "MASTER_RX_LOWER_PRI",
    });
    assert.deepEqual(parseVrrpLine('INSTANCE "x" STOP'), { instance: "x", state: "STOP" });
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.equal(parseVrrpLine(text.replace(/^INSTANCE "/, "")), undefined);
      }),
    );
  });
});
