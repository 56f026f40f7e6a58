import { closeSync, constants, openSync, writeSync } from "node:fs";

/** Writes to a FIFO as Keepalived does, without blocking (O_RDWR | O_NONBLOCK, executed on 2.2.7). */
export class FifoWriter {
  readonly #path: string;
  #file: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  open(): void {
    this.#file ??= openSync(this.#path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  /** False if the pipe is full: the line is lost. */
  write(text: string): boolean {
    this.open();
    try {
      return writeSync(this.#file as number, text) === text.length;
    } catch {
      return false;
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
