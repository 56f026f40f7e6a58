import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connectSoon } from "../../../../src/admin/drill/connect-soon.ts";
import type { Session } from "../../../../src/redis/session.ts";

const sessionNamed = (name: string, closed: string[]): Session =>
  ({ close: () => void closed.push(name) }) as unknown as Session;

describe("connectSoon", () => {
  it("takes the first answer, does not wait for those before it, and closes what is answered later", async () => {
    const closed: string[] = [];
    const fast = sessionNamed("fast", closed);
    const answers: (() => Promise<Session>)[] = [
      () => sleep(100).then(() => Promise.reject(new Error("timeout"))),
      () => sleep(100).then(() => sessionNamed("late", closed)),
      () => Promise.reject(new Error("refused")),
      () => Promise.resolve(fast),
    ];
    let attempts = 0;
    const open = () => answers[attempts++]?.() ?? Promise.reject(new Error("one too many"));
    assert.equal(await connectSoon(open, 1, () => true), fast);
    await sleep(200);
    assert.deepEqual({ closed, attempts }, { closed: ["late"], attempts: 4 });
  });

  it("ends once no session is wanted any more", async () => {
    let attempts = 0;
    const open = () => {
      attempts++;
      return Promise.reject(new Error("refused"));
    };
    assert.equal(await connectSoon(open, 1, () => attempts < 3), undefined);
    assert.equal(attempts, 3);
  });
});
