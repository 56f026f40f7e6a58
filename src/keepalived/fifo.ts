import { execFileSync } from "node:child_process";
import { constants, existsSync, fstatSync, openSync, statSync } from "node:fs";
import { Socket } from "node:net";

/** A line of Keepalived's: which VRRP instance is what now. */
export interface Notice {
  instance: string;
  state: string;
}

/** `INSTANCE "NAME" MASTER 150` (keepalived.conf(5), vrrp_notify_fifo); whatever else comes along is not for us. */
export function parseNotice(line: string): Notice | undefined {
  const [, instance, state] = /^INSTANCE "([^"]+)" ([A-Z_]+)(?: \d+)?$/.exec(line) ?? [];
  return instance && state ? { instance, state } : undefined;
}

export interface Listener {
  heard(notice: Notice): void;
  /** The last writer went away: Keepalived stopped, reloads, or died. */
  silent(): void;
}

// Keepalived needs most of a second from its start to its first line.
const reopen_ms = 100;
// A line is under 100 bytes; what is longer than this was never Keepalived's.
const longest = 4096;

/**
 * The one channel from Keepalived that keeps the order of transitions. It never blocks Keepalived, keeps 64 KiB while
 * nobody reads, ends when Keepalived reloads or ends, and may be another file afterwards (executed on 2.2.7): so it is
 * opened again and again. Made here where it is missing: Keepalived uses what it finds, and then keeps it over reloads.
 */
export class Fifo {
  readonly #path: string;
  readonly #listener: Listener;
  #socket: Socket | undefined;
  #inode = 0;
  #over = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, listener: Listener) {
    this.#path = path;
    this.#listener = listener;
  }

  open(): void {
    if (this.#over) return;
    try {
      if (!existsSync(this.#path))
        execFileSync("mkfifo", ["-m", "600", this.#path], { stdio: "ignore", timeout: 2000 });
      // A socket can't be made of what is no FIFO, and the file would stay open.
      if (!statSync(this.#path).isFIFO()) throw new Error("not a FIFO");
      const file = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
      this.#inode = fstatSync(file).ino;
      this.#read(new Socket({ fd: file, readable: true, writable: false }));
    } catch {
      this.#again();
    }
  }

  /** Keepalived may have made another one of the same name; nobody tells. */
  checkFile(): void {
    try {
      if (statSync(this.#path).ino !== this.#inode) this.#socket?.destroy();
    } catch {
      this.#socket?.destroy();
    }
  }

  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #read(socket: Socket): void {
    this.#socket = socket;
    let rest = "";
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      const lines = `${rest}${text}`.split("\n");
      rest = (lines.pop() ?? "").slice(-longest);
      for (const line of lines) {
        const notice = parseNotice(line);
        if (notice) this.#listener.heard(notice);
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (!this.#over) this.#listener.silent();
      this.#again();
    });
  }

  #again(): void {
    if (!this.#over) this.#timer = setTimeout(() => this.open(), reopen_ms);
  }
}
