import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { openConnection } from "../../src/redis/connection.ts";
import { Unreachable } from "../../src/redis/session.ts";
import { type TestCluster, testCluster } from "./cluster.ts";
import { assertUnfit } from "./monitor-run.ts";

describe("a connection that fails in connect(2)", () => {
  // connect(2) to the broadcast address fails with ENETUNREACH, and no packet is sent.
  it("rejects, and is no uncaught error", () =>
    new Promise<void>((resolve, reject) => {
      const wrong = { host: "255.255.255.255", port: 6379 };
      // In a callback of the event loop the socket's error comes before any promise continues, as in the agent.
      setImmediate(() =>
        openConnection(wrong, 1000).then(
          () => reject(new Error("it opened")),
          (error) => (error instanceof Unreachable ? resolve() : reject(error)),
        ),
      );
    }));
});

describe("the monitor and a server that is not a healthy Redis", () => {
  const pong = "+PONG\r\n";
  const info = `$4000\r\n${"x".repeat(100)}`;
  /** What the server does after the first command, and the cause that the monitor must find. */
  const kinds: Record<string, [RegExp, (socket: Socket, each: (ms: number, work: () => void) => void) => void]> = {
    "accepts and does not reply": [/timeout/, () => {}],
    "closes the connection at once": [/closed/, (socket) => socket.destroy()],
    "closes the connection in the middle of a reply": [
      /closed/,
      (socket) => socket.end(`*2\r\n$3\r\nabc\r\n$1\r\n0\r\n${pong}${info}`),
    ],
    "replies in another protocol": [/garbage/, (socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
    "replies with random bytes": [
      /garbage/,
      (socket) => socket.write(Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251))),
    ],
    "replies to INFO with something else": [
      /garbage/,
      (socket) => socket.write(`*0\r\n*0\r\n*0\r\n${pong}+nothing\r\n`),
    ],
    "sends a byte every 50 ms": [
      /timeout/,
      (socket, each) => {
        const bytes = `*0\r\n${pong}${info}`;
        let next = 0;
        each(50, () => socket.write(bytes.charAt(next++ % bytes.length)));
      },
    ],
    "sends single bytes as fast as it can": [
      /timeout/,
      (socket, each) => {
        socket.setNoDelay(true);
        socket.write(`*0\r\n${pong}$9000000\r\n`);
        each(0, () => socket.write("x"));
      },
    ],
    "sends a line without an end": [
      /timeout|garbage/,
      (socket, each) => each(0, () => socket.write(`+${"x".repeat(16_384)}`)),
    ],
    "sends a bulk string without an end": [
      /timeout|garbage/,
      (socket, each) => {
        socket.write(`*0\r\n${pong}$16000000\r\n`);
        each(0, () => socket.write("x".repeat(16_384)));
      },
    ],
    "sends an array without an end": [
      /timeout|garbage/,
      (socket, each) => {
        socket.write("*4000\r\n");
        each(0, () => socket.write("*4000\r\n"));
      },
    ],
    "sends replies without an end": [
      /timeout|garbage/,
      (socket, each) => each(0, () => socket.write(pong.repeat(2000))),
    ],
  };

  let kind = "";
  const timers = new Set<NodeJS.Timeout | NodeJS.Immediate>();
  const sockets = new Set<Socket>();
  const each = (ms: number, work: () => void) => {
    const again = () => {
      timers.delete(timer);
      if ([...sockets].some((socket) => socket.writableLength < 1e6)) work();
      each(ms, work);
    };
    const timer = ms > 0 ? setTimeout(again, ms) : setImmediate(again);
    timers.add(timer);
  };
  const endAll = () => {
    for (const timer of timers) {
      clearTimeout(timer as NodeJS.Timeout);
      clearImmediate(timer as NodeJS.Immediate);
    }
    for (const socket of sockets) socket.destroy();
    timers.clear();
    sockets.clear();
  };
  const fake = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.once("data", () => kinds[kind]?.[1](socket, each));
  });
  let pair: TestCluster;
  before(async () => {
    fake.listen(0, "127.0.0.1");
    await once(fake, "listening");
    const address = fake.address();
    const port = typeof address === "object" && address ? address.port : 0;
    pair = testCluster([
      { host: "127.0.0.1", port, password: "secret" },
      { host: "127.0.0.2", port },
    ]);
  });
  after(() => {
    endAll();
    fake.close();
    pair.remove();
  });

  for (const [name, [cause]] of Object.entries(kinds)) {
    it(name, async () => {
      kind = name;
      try {
        await assertUnfit(pair, cause);
      } finally {
        endAll();
      }
    });
  }
});
