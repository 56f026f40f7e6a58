import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

const indent = "   ";
const clearLine = "\r\x1b[K";
const redraw_ms = 100;

/** The output of the demo. A terminal gets colours and a status line at its end, a pipe gets plain lines only. */
export class DemoOutput {
  readonly #out: NodeJS.WriteStream;
  readonly #isTerminal: boolean;
  readonly #colours: boolean;
  readonly #redraw: NodeJS.Timeout | undefined;
  readonly #started = performance.now();
  #status: (() => string) | undefined;
  #lastWasBlank = true;
  #closed = false;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#isTerminal = out.isTTY === true && process.env.TERM !== "dumb";
    this.#colours = this.#isTerminal && !process.env.NO_COLOR;
    if (this.#isTerminal) this.#redraw = setInterval(() => this.#draw(), redraw_ms);
  }

  /** A line without line breaking, such as one of a diagram. Only the first of several empty lines is printed. */
  line(text = "", margin = indent): void {
    const blank = text === "";
    if (blank && this.#lastWasBlank) return;
    this.#lastWasBlank = blank;
    this.#out.write(`${this.#isTerminal ? clearLine : ""}${blank ? "" : margin + text}\n`);
    this.#draw();
  }

  /** The title of a part. */
  title(text: string): void {
    this.line();
    this.line(this.style("bold", text), "");
  }

  /** A paragraph, broken into lines. */
  paragraph(text: string, style?: Style): void {
    for (const line of breakLines(text, this.#width)) this.line(style ? this.style(style, line) : line);
  }

  /** An event, with its time since the start of the part. Not printed after `close`, while the hosts end. */
  event(ms: number, text: string, style?: Style): void {
    if (this.#closed) return;
    const time = `${thousands(ms)} ms`.padStart(9);
    breakLines(text, this.#width - time.length - 2).forEach((line, index) => {
      const left = index === 0 ? this.style("dim", time) : " ".repeat(time.length);
      this.line(`${left}  ${style ? this.style(style, line) : line}`);
    });
  }

  /** Sets the text of the status line. It is called ten times a second. */
  status(text: (() => string) | undefined): void {
    this.#status = text;
    this.#draw();
  }

  style(style: Style, text: string): string {
    return this.#colours && text !== "" ? styleText(style, text) : text;
  }

  /** Removes the status line and ignores later events. Paragraphs and lines are still printed. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#redraw);
    if (this.#isTerminal) this.#out.write(clearLine);
    this.#status = undefined;
  }

  get #width(): number {
    return Math.min(80, this.#out.columns ?? 80) - indent.length - 1;
  }

  #draw(): void {
    if (!this.#isTerminal || !this.#status) return;
    const seconds = Math.floor((performance.now() - this.#started) / 1000);
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const text = `${clock}  ${this.#status()}`.slice(0, this.#width);
    this.#out.write(`${clearLine}${indent}${this.style("cyan", text)}`);
  }
}

export const thousands = (number: number): string =>
  Math.round(number)
    .toString()
    .replaceAll(/\B(?=(\d{3})+$)/g, ",");

function breakLines(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
