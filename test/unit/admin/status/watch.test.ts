import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { paintFor } from "../../../../src/admin/status/paint.ts";
import { watchStatus } from "../../../../src/admin/status/watch.ts";

/** A terminal of so many rows, or a file, that keeps what is written. */
function output(rows: number | undefined) {
  let text = "";
  const out = {
    isTTY: rows !== undefined,
    rows,
    write: (more: string) => {
      text += more;
      return true;
    },
  };
  return { out: out as unknown as NodeJS.WriteStream, text: () => text };
}

/** Ends after the second frame. */
async function watchTwice(rows: number | undefined, lines?: string[]): Promise<string> {
  const { out, text } = output(rows);
  const end = new AbortController();
  let frames = 0;
  await watchStatus(out, end.signal, async () => {
    frames++;
    if (frames === 2) end.abort();
    return lines ?? ["first", `frame ${frames}`, "last"];
  });
  return text();
}

// Each of them waits for a second frame, which comes after a second.
describe("status --watch", { concurrency: true }, () => {
  it("on a terminal each frame is drawn over the last one, and the cursor is back at the end", async () => {
    const text = await watchTwice(24);
    assert.ok(text.startsWith("\u001b[?25l\u001b[2J\u001b[H"));
    assert.equal(text.split("\u001b[H").length, 3);
    assert.ok(text.endsWith("\u001b[Hfirst\u001b[K\nframe 2\u001b[K\nlast\u001b[K\n\u001b[J\u001b[?25h"));
  });

  it("what does not fit on the terminal is left out above the conclusion, and a line says how much", async () => {
    const text = await watchTwice(5, [
      "title",
      "frame",
      "more",
      "last of the table",
      "",
      "WARNING: it is down",
      "Next: look",
    ]);
    const shown = ["title", "... 4 lines are not shown", "WARNING: it is down", "Next: look"];
    assert.ok(text.includes(`\u001b[H${shown.map((line) => `${line}\u001b[K\n`).join("")}\u001b[J`), text);
  });

  it("a frame that fails gives the cursor back, and the error on", async () => {
    const { out, text } = output(24);
    const frame = () => Promise.reject(new Error("no frame"));
    await assert.rejects(watchStatus(out, new AbortController().signal, frame), /no frame/);
    assert.ok(text().endsWith("\u001b[?25h"));
  });

  it("elsewhere one frame follows the other, without control characters", async () => {
    assert.equal(await watchTwice(undefined), "first\nframe 1\nlast\n\nfirst\nframe 2\nlast\n\n");
  });

  it("colours are for a terminal only, and not for NO_COLOR", () => {
    const shown = (rows: number | undefined, environment: NodeJS.ProcessEnv) =>
      paintFor(output(rows).out, environment)("word", "wrong");
    assert.equal(shown(24, {}), "\u001b[31mword\u001b[0m");
    assert.equal(shown(24, { NO_COLOR: "1" }), "word");
    assert.equal(shown(24, { TERM: "dumb" }), "word");
    assert.equal(shown(undefined, {}), "word");
  });
});
