import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

const indent = "   ";
const clearLine = "\r\x1b[K";
const redraw_ms = 100;

/** Where the demo is shown: a terminal gets colours and a last line that lives, a pipe gets the plain lines only. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #live: boolean;
  readonly #colours: boolean;
  readonly #ticker: NodeJS.Timeout | undefined;
  readonly #started = performance.now();
  #status: (() => string) | undefined;
  #blank = true;
  #closed = false;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#live = out.isTTY === true && process.env.TERM !== "dumb";
    this.#colours = this.#live && !process.env.NO_COLOR;
    if (this.#live) this.#ticker = setInterval(() => this.#draw(), redraw_ms);
  }

  /** A line as it is, such as one of a drawing; of several empty ones in a row only the first is shown. */
  line(text = "", margin = indent): void {
    const blank = text === "";
    if (blank && this.#blank) return;
    this.#blank = blank;
    this.#out.write(`${this.#live ? clearLine : ""}${blank ? "" : margin + text}\n`);
    this.#draw();
  }

  /** The title of a part. */
  title(text: string): void {
    this.line();
    this.line(this.style("bold", text), "");
  }

  /** A paragraph, broken into lines that fit. */
  say(text: string, style?: Style): void {
    for (const line of broken(text, this.#width)) this.line(style ? this.style(style, line) : line);
  }

  /** Something that happened, with its time since the start of the part. Not told any more once the hosts are ending. */
  event(ms: number, text: string, style?: Style): void {
    if (this.#closed) return;
    const time = `${thousands(ms)} ms`.padStart(9);
    broken(text, this.#width - time.length - 2).forEach((line, index) => {
      const left = index === 0 ? this.style("dim", time) : " ".repeat(time.length);
      this.line(`${left}  ${style ? this.style(style, line) : line}`);
    });
  }

  /** What the last line of a terminal says until further notice; asked again ten times a second. */
  status(text: (() => string) | undefined): void {
    this.#status = text;
    this.#draw();
  }

  style(style: Style, text: string): string {
    return this.#colours && text !== "" ? styleText(style, text) : text;
  }

  /** No last line and no events any more; what is said still is. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#ticker);
    if (this.#live) this.#out.write(clearLine);
    this.#status = undefined;
  }

  get #width(): number {
    return Math.min(80, this.#out.columns ?? 80) - indent.length - 1;
  }

  #draw(): void {
    if (!this.#live || !this.#status) return;
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

function broken(text: string, width: number): string[] {
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
