import assert from "node:assert/strict";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Fifo } from "../../src/keepalived/fifo.ts";
import type { AgentEvent } from "../../src/model/agent.ts";
import type { Transition } from "../../src/model/transition.ts";
import { Random } from "../lab/chaos/random.ts";
import { ToldAgent } from "../unit/decide/agent/agents.ts";
import { FifoWriter } from "./fifo-writer.ts";

const ticks = 10_000;
const seed = 20260131;

/** What the agent sees of Keepalived: where the virtual IP is, whether a process runs, and the lines in the FIFO. */
class FakeKeepalived {
  readonly #path: string;
  readonly #writer: FifoWriter;
  holdsVip = false;
  runs = true;
  lostLines = 0;

  constructor(path: string) {
    this.#path = path;
    this.#writer = new FifoWriter(path);
  }

  writeLine(state: string): void {
    if (!this.#writer.write(`INSTANCE "sessions" ${state} 250\n`)) this.lostLines++;
  }

  enter(state: "MASTER" | "BACKUP" | "FAULT"): void {
    this.runs = true;
    this.holdsVip = state === "MASTER";
    this.writeLine(state);
  }

  stop({ withLine }: { withLine: boolean }): void {
    if (withLine) {
      this.holdsVip = false;
      this.writeLine("STOP");
    }
    this.runs = false;
    this.#writer.close();
  }

  fillPipe(): void {
    while (this.#writer.write("x".repeat(4000)));
  }

  /** Another process reads the lines for the agent. */
  readByAnother(): void {
    const file = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      readSync(file, Buffer.alloc(65536));
    } catch {
      // The FIFO was empty.
    } finally {
      closeSync(file);
    }
  }
}

const disturbances: Record<string, (keepalived: FakeKeepalived, state: "MASTER" | "BACKUP" | "FAULT") => void> = {
  none: (keepalived, state) => keepalived.enter(state),
  garbage: (keepalived, state) => {
    keepalived.writeLine('"\u0000\nINSTANCE "sessions" MASTER');
    keepalived.enter(state);
  },
  reload: (keepalived, state) => {
    const { holdsVip } = keepalived;
    keepalived.stop({ withLine: false });
    keepalived.enter(holdsVip ? "MASTER" : state === "MASTER" ? "BACKUP" : state);
  },
  stop: (keepalived) => keepalived.stop({ withLine: true }),
  crash: (keepalived) => keepalived.stop({ withLine: false }),
  "full pipe": (keepalived, state) => {
    keepalived.fillPipe();
    keepalived.enter(state);
  },
  "two readers": (keepalived, state) => {
    keepalived.enter(state);
    keepalived.readByAnother();
  },
};

test(`${ticks} ticks of the agent with repeated FIFO disturbances: no final state is missed`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "fifo-"));
  const random = new Random(seed);
  const agent = new ToldAgent();
  const carriedOut: { transition: Transition | undefined; byLine: number; byCheck: number } = {
    transition: undefined,
    byLine: 0,
    byCheck: 0,
  };
  const post = (event: AgentEvent, how: "byLine" | "byCheck") => {
    const { holdsVip, runs } = keepalived;
    const begun = agent.told(event.on === "second" ? { ...event, keepalivedRuns: runs } : event, { holdsVip });
    for (const effect of begun) {
      if (effect.do !== "transition") continue;
      carriedOut.transition = effect.transition;
      carriedOut[how]++;
      agent.told({ on: "role-change-ended", parked: false });
    }
  };
  const fifo = new Fifo(join(folder, "notify.fifo"), {
    heard: ({ state }) => post({ on: "vrrp-line", state }, "byLine"),
    silent() {},
  });
  const keepalived = new FakeKeepalived(join(folder, "notify.fifo"));
  const done = new Map<string, number>();
  try {
    fifo.open();
    for (let tick = 0; tick < ticks; tick++) {
      const names = Object.keys(disturbances);
      // Without many undisturbed ticks the FIFO would never be open.
      const name = random.chance(0.9) ? "none" : random.pick(names);
      done.set(name, (done.get(name) ?? 0) + 1);
      disturbances[name]?.(keepalived, random.pick(["MASTER", "BACKUP", "FAULT"] as const));
      await sleep(1);
      fifo.checkFile();
      post({ on: "second", keepalivedRuns: keepalived.runs }, "byCheck");
      const { transition } = carriedOut;
      if (keepalived.holdsVip && keepalived.runs) assert.equal(transition, "MASTER", `tick ${tick}, ${name}`);
      if (!keepalived.holdsVip) assert.notEqual(transition, "MASTER", `tick ${tick}, ${name}`);
    }
    console.log(
      `${[...done].map(([name, count]) => `${name} ${count}`).join(", ")}; ${keepalived.lostLines} lines lost, ${carriedOut.byLine} states by a line, ${carriedOut.byCheck} by the check of each second`,
    );
    for (const count of [keepalived.lostLines, carriedOut.byLine, carriedOut.byCheck])
      assert.ok(count > 100, String(count));
    assert.equal(done.size, Object.keys(disturbances).length);
  } finally {
    fifo.close();
    keepalived.stop({ withLine: false });
    rmSync(folder, { recursive: true });
  }
});
