import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { logLine, redactor } from "../../../src/log/log-line.ts";

const origin = { node: "server11", cluster: "sessions", executable: "monitor" };
const at = new Date("2026-01-02T03:04:05.678Z");

describe("a line of the log", () => {
  it("is JSON with the known keys first", () => {
    const line = logLine("info", "verdict", "made master", origin, { step: "promote", duration_ms: 1.5 }, [], at);
    assert.equal(
      line,
      '{"timestamp":"2026-01-02T03:04:05.678Z","level":"info","event":"verdict","message":"made master","node":"server11",' +
        '"cluster":"sessions","executable":"monitor","step":"promote","duration_ms":1.5}',
    );
  });

  it("leaves undefined fields out, and gives an error as its message", () => {
    const line = JSON.parse(
      logLine("warn", "verdict", "x", origin, { why: undefined, error: new Error("refused") }, [], at),
    );
    assert.equal("why" in line, false);
    assert.equal(line.error, "refused");
  });

  it("keeps its own keys, whatever the fields are called", () => {
    const line = JSON.parse(
      logLine("info", "verdict", "x", origin, { message: "y", level: "z", event: "v", timestamp: 0 }, [], at),
    );
    assert.deepEqual(
      [line.message, line.level, line.event, line.timestamp],
      ["x", "info", "verdict", at.toISOString()],
    );
  });

  it("survives a field that JSON can't carry", () => {
    const circle: Record<string, unknown> = {};
    circle.itself = circle;
    const line = JSON.parse(logLine("info", "verdict", "x", origin, { circle, offset: 12n }, [], at));
    assert.deepEqual([line.message, line.fields_lost], ["x", ["circle", "offset"]]);
    assert.equal(JSON.parse(logLine("info", "verdict", "x", origin, { offset: 12n }, [], at)).offset, "12");
  });

  it("has no line break and reads back, whatever is logged", () => {
    // Every kind of character that JSON, a line, or UTF-16 could stumble over.
    const unit = fc.constantFrom(
      "a",
      " ",
      "\n",
      "\r",
      "\t",
      '"',
      "\\",
      "\0",
      "\u2028",
      "\u00e9",
      "\ud83d\ude00",
      "\ud83d",
    );
    const text = fc.string({ unit });
    fc.assert(
      fc.property(text, fc.dictionary(text, text), (message, fields) => {
        const line = logLine("info", "verdict", message, origin, fields, [], at);
        assert.doesNotMatch(line, /[\n\r]/);
        assert.equal(JSON.parse(line).message, message);
      }),
    );
  });

  it("carries no secret, wherever it stands and however it is spelled", () => {
    const secret = fc.string({ minLength: 8, maxLength: 20, unit: "grapheme-ascii" });
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (password, before, after) => {
        const quoted = `${before}${JSON.stringify({ auth: password })}${after}`;
        const fields = { deep: [{ error: new Error(`${before}${password}${after}`) }], quoted };
        const line = JSON.parse(
          logLine("error", "verdict", `${before}${password}${after}`, origin, fields, [password], at),
        );
        const texts = [line.message, line.deep[0].error, line.quoted];
        // A password of asterisks is told from what strikes it out only by its length.
        for (const text of texts) if (!/^\*+$/.test(password)) assert.equal(String(text).includes(password), false);
      }),
    );
  });
});

describe("striking out", () => {
  it("takes the longest secret first, when one contains another", () => {
    assert.equal(redactor(["abc", "abcdef"])("so abcdef and abc"), "so *** and ***");
  });

  it("knows a secret as a URL and as JSON spell it", () => {
    const redact = redactor(['p"/ss']);
    assert.equal(redact("redis://:p%22%2Fss@192.0.2.1"), "redis://:***@192.0.2.1");
    assert.equal(redact(JSON.stringify({ auth: 'p"/ss' })), '{"auth":"***"}');
  });

  it("leaves a text alone where there is no secret", () => {
    assert.equal(redactor([""])("a b"), "a b");
  });
});
