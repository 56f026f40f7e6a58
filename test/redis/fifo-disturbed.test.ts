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

/** Keepalived as the agent knows it: where the virtual IP is, whether a process lives, and what it wrote to the FIFO. */
class Keepalived {
  readonly #path: string;
  readonly #writer: FifoWriter;
  holdsVip = false;
  runs = true;
  lost = 0;

  constructor(path: string) {
    this.#path = path;
    this.#writer = new FifoWriter(path);
  }

  say(state: string): void {
    if (!this.#writer.write(`INSTANCE "sessions" ${state} 250\n`)) this.lost++;
  }

  become(state: "MASTER" | "BACKUP" | "FAULT"): void {
    this.runs = true;
    this.holdsVip = state === "MASTER";
    this.say(state);
  }

  stop(word: boolean): void {
    if (word) {
      this.holdsVip = false;
      this.say("STOP");
    }
    this.runs = false;
    this.#writer.close();
  }

  fill(): void {
    while (this.#writer.write("x".repeat(4000)));
  }

  /** Somebody else reads what was for the agent. */
  share(): void {
    const file = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      readSync(file, Buffer.alloc(65536));
    } catch {
      // Nothing was there to read.
    } finally {
      closeSync(file);
    }
  }
}

const disturbances: Record<string, (keepalived: Keepalived, state: "MASTER" | "BACKUP" | "FAULT") => void> = {
  none: (keepalived, state) => keepalived.become(state),
  garbage: (keepalived, state) => {
    keepalived.say('"\u0000\nINSTANCE "sessions" MASTER');
    keepalived.become(state);
  },
  reload: (keepalived, state) => {
    const { holdsVip } = keepalived;
    keepalived.stop(false);
    keepalived.become(holdsVip ? "MASTER" : state === "MASTER" ? "BACKUP" : state);
  },
  stop: (keepalived) => keepalived.stop(true),
  crash: (keepalived) => keepalived.stop(false),
  "full pipe": (keepalived, state) => {
    keepalived.fill();
    keepalived.become(state);
  },
  "two readers": (keepalived, state) => {
    keepalived.become(state);
    keepalived.share();
  },
};

test(`${ticks} ticks of the agent, each FIFO disturbance again and again: no final state is missed`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "fifo-"));
  const random = new Random(seed);
  const agent = new ToldAgent();
  const carriedOut: { transition: Transition | undefined; heard: number; missed: number } = {
    transition: undefined,
    heard: 0,
    missed: 0,
  };
  const happens = (event: AgentEvent, how: "heard" | "missed") => {
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
    heard: ({ state }) => happens({ on: "vrrp-line", state }, "heard"),
    silent() {},
  });
  const keepalived = new Keepalived(join(folder, "notify.fifo"));
  const done = new Map<string, number>();
  try {
    fifo.open();
    for (let tick = 0; tick < ticks; tick++) {
      const names = Object.keys(disturbances);
      // Most of the time nothing is wrong, else the FIFO would never be open.
      const name = random.chance(0.9) ? "none" : random.pick(names);
      done.set(name, (done.get(name) ?? 0) + 1);
      disturbances[name]?.(keepalived, random.pick(["MASTER", "BACKUP", "FAULT"] as const));
      await sleep(1);
      fifo.checkFile();
      happens({ on: "second", keepalivedRuns: keepalived.runs }, "missed");
      const { transition } = carriedOut;
      if (keepalived.holdsVip && keepalived.runs) assert.equal(transition, "MASTER", `tick ${tick}, ${name}`);
      if (!keepalived.holdsVip) assert.notEqual(transition, "MASTER", `tick ${tick}, ${name}`);
    }
    console.log(
      `${[...done].map(([name, count]) => `${name} ${count}`).join(", ")}; ${keepalived.lost} lines lost, ${carriedOut.heard} heard, ${carriedOut.missed} states found by a look`,
    );
    for (const count of [keepalived.lost, carriedOut.heard, carriedOut.missed]) assert.ok(count > 100, String(count));
    assert.equal(done.size, Object.keys(disturbances).length);
  } finally {
    fifo.close();
    keepalived.stop(false);
    rmSync(folder, { recursive: true });
  }
});
