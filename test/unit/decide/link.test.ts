import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { answersAtOnce, link, reachability } from "../../../src/decide/link.ts";
import type { LinkEvent, LinkReaction, LinkState } from "../../../src/model/link.ts";
import type { UnreachableCause } from "../../../src/model/observation.ts";

const causes: UnreachableCause[] = ["refused", "timeout", "closed", "no-route", "garbage", "tls"];
const connected: LinkEvent = { on: "connected" };
const noRoom: LinkEvent = { on: "no-room" };
const heard: LinkEvent = { on: "heard" };
const failed = (cause: UnreachableCause, at_ms = 0): LinkEvent => ({ on: "failed", cause, at_ms });
const broke = (cause: UnreachableCause, patient = false): LinkEvent => ({ on: "broke", cause, patient, at_ms: 0 });

/** The link to one Redis, as it is told what becomes of its connections. */
class ToldLink {
  state: LinkState = { is: "connecting", closed: 0 };

  /** What the agent hears of it, and when it dials again. */
  told(...events: LinkEvent[]): string {
    let reaction: LinkReaction | undefined;
    for (const event of events) {
      reaction = link(this.state, event);
      this.state = reaction.state;
    }
    return [...(reaction?.tell ?? []), ...(reaction?.dial ? [`dial ${reaction.dial}`] : [])].join(", ");
  }
}

const up = () => {
  const one = new ToldLink();
  one.told(connected);
  return one;
};

describe("the link to a Redis", () => {
  it("comes about: back, and nothing to dial while it is up", () => {
    const one = new ToldLink();
    assert.equal(one.told(connected), "back");
    assert.deepEqual(one.state, { is: "up" });
  });

  it("breaks: that alone is no death, so it is dialled at once", () => {
    for (const cause of causes.filter((one) => one !== "timeout")) {
      const one = up();
      assert.equal(one.told(broke(cause)), "broke, dial now");
      assert.equal(one.state.is, "connecting");
    }
    const killed = up();
    killed.told(broke("closed"));
    assert.equal(killed.told(connected), "back");
  });

  it("says nothing for the time-out: gone at once, since clients wait", () => {
    const one = up();
    assert.equal(one.told(broke("timeout")), "broke, gone, dial now");
    assert.deepEqual(one.state, { is: "gone", cause: "timeout", at_ms: 0, closed: 0 });
    assert.equal(one.told(failed("timeout")), "dial redial", "said once");
    assert.equal(one.told(connected), "back");
  });

  it("says nothing, and nobody waits for it: tried once more over a new connection before it is gone", () => {
    const one = up();
    assert.equal(one.told(broke("timeout", true)), "broke, dial now");
    assert.equal(one.told(failed("timeout")), "gone, dial redial");
  });

  it("nobody listens there, or there is no way to it: gone, said once, and dialled again and again", () => {
    for (const cause of causes.filter((one) => one !== "closed")) {
      const one = new ToldLink();
      assert.equal(one.told(failed(cause)), "gone, dial redial");
      assert.equal(one.told(failed(cause)), "dial redial");
      assert.equal(one.told(connected), "back");
    }
  });

  it("is full: it lives, so it is back, said once; and gone or back after that", () => {
    const one = new ToldLink();
    assert.equal(one.told(noRoom), "back, dial redial");
    assert.equal(one.told(noRoom), "dial redial");
    assert.equal(one.told(failed("closed")), "dial now", "it hung up before it said so");
    assert.equal(one.told(noRoom), "dial redial", "it was back all the time");
    assert.deepEqual(one.state, { is: "full", closed: 1 });
    assert.equal(one.told(failed("refused")), "gone, dial redial");
    assert.equal(one.told(noRoom), "back, dial redial");
    assert.equal(one.told(connected), "back", "now it can be read");
  });
});

describe("Keepalived of another node is heard", () => {
  it("a server that only fell silent is no longer known to be gone: whoever asks for it waits for an answer", () => {
    for (const cause of ["timeout", "no-route", "closed", "garbage", "tls"] as const) {
      const one = new ToldLink();
      one.state = { is: "gone", cause, at_ms: 1000, closed: 9 };
      assert.equal(one.told(heard), "", "nobody is told anything yet");
      assert.deepEqual(one.state, { is: "connecting", closed: 0 });
      assert.equal(answersAtOnce(one.state, 1001, 20), false);
      assert.equal(reachability(one.state), "silent");
      assert.equal(one.told(connected), "back");
    }
  });

  it("it is gone again if there is still no answer", () => {
    const one = up();
    one.told(broke("timeout"), heard);
    assert.equal(one.told(failed("timeout")), "gone, dial redial");
  });

  it("one whose host said that nobody listens there stays gone: that was an answer", () => {
    const one = new ToldLink();
    one.told(failed("refused", 7));
    assert.equal(one.told(heard), "");
    assert.deepEqual(one.state, { is: "gone", cause: "refused", at_ms: 7, closed: 0 });
  });

  it("any other link stays as it is", () => {
    const connecting = new ToldLink();
    connecting.told(failed("closed"));
    const full = new ToldLink();
    full.told(noRoom);
    for (const one of [up(), connecting, full]) {
      const before = one.state;
      assert.equal(one.told(heard), "");
      assert.deepEqual(one.state, before);
    }
  });
});

describe("a server that takes a connection and ends it at once", () => {
  it("may just be ending, and refuses the very next one: dialled at once, then every 2 ms", () => {
    const one = up();
    one.told(broke("closed"));
    assert.equal(one.told(failed("closed")), "dial now");
    assert.equal(one.told(failed("closed")), "dial soon");
    assert.equal(one.told(failed("closed")), "dial soon");
    assert.deepEqual(one.state, { is: "connecting", closed: 3 }, "nobody was told that it is gone");
    assert.equal(one.told(failed("refused")), "gone, dial redial");
  });

  it("is gone when it has done so ten times in a row", () => {
    const one = new ToldLink();
    const closings = Array.from({ length: 10 }, () => one.told(failed("closed")));
    assert.deepEqual(closings, ["dial now", ...Array(8).fill("dial soon"), "gone, dial redial"]);
    assert.equal(one.told(failed("closed")), "dial redial");
    assert.equal(one.told(failed("closed")), "dial redial");
  });

  it("ten times in a row, whatever else happens in between; a connection begins a new count", () => {
    const one = new ToldLink();
    one.told(failed("refused"), failed("closed"), failed("timeout"));
    const closings = Array.from({ length: 9 }, () => one.told(failed("closed")));
    assert.deepEqual(closings, [...Array(8).fill("dial soon"), "dial redial"]);
    one.told(connected, broke("closed"));
    assert.equal(one.told(failed("closed")), "dial now");
  });

  it("that was gone stays gone, for the reason it had", () => {
    const one = new ToldLink();
    one.told(failed("refused", 7));
    assert.equal(one.told(failed("closed", 9)), "dial now");
    assert.deepEqual(one.state, { is: "gone", cause: "refused", at_ms: 7, closed: 1 });
    one.told(failed("no-route", 11));
    assert.deepEqual(one.state, { is: "gone", cause: "no-route", at_ms: 11, closed: 1 });
  });
});

describe("what others hear of a server", () => {
  const after = (...events: LinkEvent[]) => {
    const one = new ToldLink();
    one.told(...events);
    return one.state;
  };

  it("it answers while the link is up; it refused where its host said that nobody listens; else it is silent", () => {
    assert.equal(reachability(after(connected)), "answers");
    assert.equal(reachability(after(failed("refused"))), "refused");
    assert.equal(reachability(after(failed("refused"), failed("timeout"))), "silent");
    const silent = [after(), after(noRoom), after(connected, broke("closed")), after(connected, broke("timeout"))];
    for (const state of [...silent, after(failed("no-route"))]) assert.equal(reachability(state), "silent");
  });

  it("whoever asks is answered at once while it says nothing: not after another time-out", () => {
    for (const cause of ["timeout", "no-route"] as const)
      assert.equal(answersAtOnce(after(failed(cause, 1000)), 99_000, 20), true);
    assert.equal(answersAtOnce(after(connected, broke("timeout")), 99_000, 20), true);
  });

  it("a refusal holds until it is dialled again", () => {
    const refused = after(failed("refused", 1000));
    assert.equal(answersAtOnce(refused, 1019, 20), true);
    assert.equal(answersAtOnce(refused, 1020, 20), false);
  });

  it("in any other case it is asked", () => {
    const states = [after(), after(connected), after(noRoom), after(failed("garbage")), after(failed("tls"))];
    for (const state of states) assert.equal(answersAtOnce(state, 0, 20), false, state.is);
  });
});

describe("every link", () => {
  const events = fc.array(
    fc.oneof(
      fc.constantFrom(connected, noRoom, heard),
      fc.constantFrom(...causes).map((cause) => failed(cause)),
      fc.tuple(fc.constantFrom(...causes), fc.boolean()).map(([cause, patient]) => broke(cause, patient)),
    ),
  );

  it("says gone once before it is back or forgotten, broke only of a connection that was up, and always dials what is not up", () => {
    const property = fc.property(events, (events) => {
      const one = new ToldLink();
      let gone = false;
      for (const event of events) {
        // Only a connection that is up can break, and only one that isn't can come about or fail.
        if (event.on !== "heard" && (one.state.is === "up") !== (event.on === "broke")) continue;
        const told = one.told(event);
        if (event.on === "heard") {
          assert.equal(told, "");
          gone = one.state.is === "gone";
          continue;
        }
        if (told.includes("gone")) assert.equal(gone, false);
        if (told.includes("gone")) gone = true;
        if (told.includes("back")) gone = false;
        assert.equal(one.state.is === "gone", gone);
        assert.equal(told.includes("dial"), one.state.is !== "up");
        assert.equal(told.includes("broke"), event.on === "broke");
      }
    });
    fc.assert(property);
  });
});
