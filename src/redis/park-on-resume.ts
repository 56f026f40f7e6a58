import { dropClientsCommand, parkCommand } from "./commands.ts";
import { connectSocket } from "./connect.ts";
import { encode } from "./resp.ts";
import { authCommand, type Endpoint } from "./session.ts";

/**
 * Sends a server that hangs the commands to park and to end its clients' sessions, without waiting for the replies: the kernel
 * accepts the connection and the bytes, and Redis reads them when it resumes. Rejects with an Unreachable if the kernel doesn't
 * answer within `deadline_ms`, or if the server uses TLS, which needs its answer.
 */
export async function parkOnResume(endpoint: Endpoint, deadline_ms: number): Promise<void> {
  const socket = await connectSocket(endpoint, deadline_ms, () => undefined);
  const { password } = endpoint;
  const commands = [
    ...(password === undefined ? [] : [authCommand(endpoint, password)]),
    parkCommand,
    dropClientsCommand,
  ];
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, deadline_ms);
    socket.end(commands.map(encode).join(""), () => {
      clearTimeout(timer);
      resolve();
    });
  });
  socket.destroy();
}
