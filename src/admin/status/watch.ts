import { setTimeout as sleep } from "node:timers/promises";
import { fitted } from "./fitted.ts";
import { usualWidth } from "./text.ts";

const every_ms = 1000;

const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
const clearScreen = "\x1b[2J";
const home = "\x1b[H";
const clearLine = "\x1b[K";
const clearBelow = "\x1b[J";

/**
 * Shows what `frame` gives, once a second until the signal. On a terminal each frame is drawn over the last one, as much of it as
 * fits; the last frame stays on the screen. Elsewhere one follows the other.
 */
export async function watchStatus(
  out: NodeJS.WriteStream,
  signal: AbortSignal,
  frame: () => Promise<readonly string[]>,
): Promise<void> {
  const terminal = out.isTTY === true;
  if (terminal) out.write(`${hideCursor}${clearScreen}`);
  try {
    while (!signal.aborted) {
      const lines = await frame();
      if (terminal) {
        // The cursor stands in the row below the last line.
        const shown = fitted(lines, (out.rows || Number.POSITIVE_INFINITY) - 1, out.columns || usualWidth);
        out.write(`${home}${shown.map((line) => `${line}${clearLine}\n`).join("")}${clearBelow}`);
      } else out.write(`${lines.join("\n")}\n\n`);
      await sleep(every_ms, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    if (terminal) out.write(showCursor);
  }
}
