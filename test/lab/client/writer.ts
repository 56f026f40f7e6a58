import { writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { encode, ReplyReader } from "../../../src/redis/resp.ts";
import { ReplyError } from "../../../src/redis/session.ts";
import { monotonic_ms } from "../machine/process.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { valueFor, type WriterOptions } from "./writer-options.ts";

/**
 * A program of its own on the client host: writes unique keys through the VIP, never gives up, and keeps the time of
 * each acknowledgement. Options come as the first line of standard input; the second, `stop`, ends it.
 */
function write(options: WriterOptions): void {
  const acks = new Acknowledgements();
  const errors: Record<string, number> = {};
  let next = 0;
  let stopped = false;
  const wanted = () => !stopped && (options.count === undefined || next < options.count);
  const failed = (kind: string) => {
    errors[kind] = (errors[kind] ?? 0) + 1;
  };
  const progress = () => say({ acknowledged: acks.count, last_ms: acks.last_ms, errors });

  const connections = Array.from({ length: options.connections }, () => {
    let socket: Socket;
    let pending: { key: number; sent_ms: number }[] = [];
    let handshake = 0;
    let refused = false;

    const connect = () => {
      pending = [];
      handshake = 0;
      const mine = createConnection({ host: options.host, port: options.port, noDelay: true });
      socket = mine;
      let cause = "closed";
      // The kernel repeats a lost SYN only after a second: asking anew is how one sees when the VIP is back.
      const patience = setTimeout(() => {
        cause = "connect time-out";
        mine.destroy();
      }, options.connect_timeout_ms);
      const reader = new ReplyReader(answered);
      mine.on("connect", () => {
        clearTimeout(patience);
        greet();
      });
      mine.on("data", (chunk: Buffer) => {
        refused = false;
        reader.push(chunk);
        // A server that says no says it at once: without a pause this would be nothing but a busy loop.
        if (refused) setTimeout(() => mine === socket && fill(), options.retry_ms);
        else fill();
      });
      mine.on("error", (error: NodeJS.ErrnoException) => {
        cause = error.code ?? "error";
      });
      mine.on("close", () => {
        clearTimeout(patience);
        if (stopped) return;
        failed(cause);
        setTimeout(connect, options.retry_ms);
      });
    };

    const greet = () => {
      const hello = [
        ...(options.password === undefined ? [] : [["AUTH", options.password]]),
        ...(options.db === 0 ? [] : [["SELECT", String(options.db)]]),
      ];
      handshake = hello.length;
      if (hello.length > 0) socket.write(hello.map(encode).join(""));
      fill();
    };

    const fill = () => {
      let text = "";
      while (pending.length < options.pipeline && wanted()) {
        const key = next++;
        text += encode(["SET", `${options.keyPrefix}:${key}`, valueFor(key, options)]);
        pending.push({ key, sent_ms: monotonic_ms() });
      }
      if (text !== "" && !socket.destroyed) socket.write(text);
    };

    const answered = (reply: unknown) => {
      if (reply instanceof ReplyError) {
        refused = true;
        failed(reply.code);
      }
      if (handshake > 0) {
        handshake--;
        return;
      }
      const sent = pending.shift();
      if (sent && !(reply instanceof ReplyError)) acks.add(sent.key, monotonic_ms());
    };

    connect();
    return {
      check(now_ms: number) {
        const [oldest] = pending;
        if (!oldest || now_ms - oldest.sent_ms < options.reply_timeout_ms || socket.destroyed) return;
        failed("reply time-out");
        socket.destroy();
      },
      close: () => socket.destroy(),
      get idle() {
        return pending.length === 0;
      },
    };
  });

  const patrol = setInterval(() => {
    for (const connection of connections) connection.check(monotonic_ms());
  }, 5);
  const report = setInterval(() => {
    progress();
    if (!wanted() && connections.every(({ idle }) => idle)) say({ done: true });
  }, 50);

  commands.on("line", () => {
    stopped = true;
    clearInterval(patrol);
    clearInterval(report);
    for (const connection of connections) connection.close();
    writeFileSync(options.reportFile, acks.bytes());
    progress();
    say({ stopped: true });
    commands.close();
    process.stdin.destroy();
  });
}

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const commands = createInterface({ input: process.stdin });
commands.once("line", (line) => write(JSON.parse(line) as WriterOptions));
