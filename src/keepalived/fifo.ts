import { execFileSync } from "node:child_process";
import { constants, existsSync, fstatSync, openSync, statSync } from "node:fs";
import { Socket } from "node:net";

/** A line that Keepalived writes to the FIFO: a VRRP instance and its new state. */
export interface VrrpLine {
  instance: string;
  state: string;
}

/** Reads `INSTANCE "NAME" MASTER 150` (keepalived.conf(5), vrrp_notify_fifo). All other lines are ignored. */
export function parseVrrpLine(line: string): VrrpLine | undefined {
  const [, instance, state] = /^INSTANCE "([^"]+)" ([A-Z_]+)(?: \d+)?$/.exec(line) ?? [];
  return instance && state ? { instance, state } : undefined;
}

export interface FifoEvents {
  heard(line: VrrpLine): void;
  /** Keepalived closed the FIFO: it stopped, reloads, or died. */
  silent(): void;
}

// Keepalived writes its first line almost a second after its start.
const reopen_ms = 100;
// A line of Keepalived is shorter than 100 bytes.
const maxLine = 4096;

/**
 * Reads the FIFO of Keepalived, the only channel that keeps the order of transitions. It closes when Keepalived reloads or ends, and
 * may be another file afterwards, so it is opened again. If it is missing it is created here: then Keepalived keeps it over
 * reloads. See docs/notes/keepalived.md.
 */
export class Fifo {
  readonly #path: string;
  readonly #events: FifoEvents;
  #socket: Socket | undefined;
  #inode = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, events: FifoEvents) {
    this.#path = path;
    this.#events = events;
  }

  open(): void {
    if (this.#closed) return;
    try {
      if (!existsSync(this.#path))
        execFileSync("mkfifo", ["-m", "600", this.#path], { stdio: "ignore", timeout: 2000 });
      // new Socket() throws for another kind of file, and the file would stay open.
      if (!statSync(this.#path).isFIFO()) throw new Error("not a FIFO");
      const file = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
      this.#inode = fstatSync(file).ino;
      this.#read(new Socket({ fd: file, readable: true, writable: false }));
    } catch {
      this.#reopenLater();
    }
  }

  /** Opens the FIFO again if Keepalived has created a new one with the same name. */
  checkFile(): void {
    try {
      if (statSync(this.#path).ino !== this.#inode) this.#socket?.destroy();
    } catch {
      this.#socket?.destroy();
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #read(socket: Socket): void {
    this.#socket = socket;
    let rest = "";
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      const lines = `${rest}${text}`.split("\n");
      rest = (lines.pop() ?? "").slice(-maxLine);
      for (const line of lines) {
        const parsed = parseVrrpLine(line);
        if (parsed) this.#events.heard(parsed);
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (!this.#closed) this.#events.silent();
      this.#reopenLater();
    });
  }

  #reopenLater(): void {
    if (!this.#closed) this.#timer = setTimeout(() => this.open(), reopen_ms);
  }
}
