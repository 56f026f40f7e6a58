import { createConnection, type Socket } from "node:net";

/**
 * The socket of the first attempt that is answered; a new one begins every `every_ms`, beside those that wait. The kernel repeats a lost SYN
 * only after a second. Rejects after the deadline.
 */
export function connectSoon(host: string, port: number, every_ms: number, deadline_ms: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<Socket>();
    const end = () => {
      clearInterval(timer);
      clearTimeout(deadline);
      for (const socket of waiting) socket.destroy();
    };
    const attempt = () => {
      const socket = createConnection({ host, port, noDelay: true });
      waiting.add(socket);
      const refused = () => void waiting.delete(socket);
      socket.once("error", refused);
      socket.once("connect", () => {
        socket.removeListener("error", refused);
        waiting.delete(socket);
        end();
        resolve(socket);
      });
    };
    const timer = setInterval(attempt, every_ms);
    const deadline = setTimeout(() => {
      end();
      reject(new Error("connect time-out"));
    }, deadline_ms);
    attempt();
  });
}
