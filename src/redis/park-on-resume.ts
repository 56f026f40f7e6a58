import { dial } from "./dial.ts";
import { encode } from "./resp.ts";
import { authCommand, type Endpoint } from "./session.ts";

/**
 * Says something to a server that hangs, and hears nothing: its kernel takes the connection and the words, and it reads them
 * when it goes on. Rejects with an Unreachable where not even the kernel answers within `deadline_ms` (or TLS must).
 */
export async function sendUnanswered(endpoint: Endpoint, commands: string[][], deadline_ms: number): Promise<void> {
  const socket = await dial(endpoint, deadline_ms, () => undefined);
  const { password } = endpoint;
  const words = [...(password === undefined ? [] : [authCommand(endpoint, password)]), ...commands];
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, deadline_ms);
    socket.end(words.map(encode).join(""), () => {
      clearTimeout(timer);
      resolve();
    });
  });
  socket.destroy();
}
