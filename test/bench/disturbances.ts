import { sleep } from "../lab/machine/process.ts";
import type { Server } from "../lab/server/server.ts";

/** Something that is no failure, done to each server now and then. */
export interface Disturbance {
  name: string;
  every_s: number;
  act(server: Server): Promise<unknown>;
  count: number;
}

const asking_ms = 60_000;

export const disturbances = (longest_s: number): Disturbance[] => [
  {
    name: "DEBUG SLEEP",
    every_s: 3,
    act: (server) => ask(server, "DEBUG", "SLEEP", (Math.random() * longest_s).toFixed(3)),
    count: 0,
  },
  // The agent's own connections among them, and the replica's.
  { name: "CLIENT KILL", every_s: 7, act: (server) => kill(server), count: 0 },
  { name: "BGSAVE", every_s: 61, act: (server) => ask(server, "BGSAVE", "SCHEDULE"), count: 0 },
  { name: "reload", every_s: 10, act: (server) => server.reloadKeepalived(), count: 0 },
];

/** Whoever came over the network. What looks on here came by a unix socket, whose address is a path. */
async function kill(server: Server): Promise<void> {
  const list = String(await ask(server, "CLIENT", "LIST", "TYPE", "normal"));
  for (const [, id = ""] of list.matchAll(/^id=(\d+) addr=[^/]/gm)) await ask(server, "CLIENT", "KILL", "ID", id);
}

async function ask(server: Server, ...command: string[]): Promise<unknown> {
  const socket = server.redisSocket();
  try {
    return await socket.ask(command, asking_ms);
  } finally {
    socket.close();
  }
}

const valueBytes = 1000;
// A call blocks the server, for a tenth of the time that would be taken for a hang.
const keysACall = 10_000;

/** On each server for itself, since DEBUG POPULATE isn't replicated. */
export async function populate(servers: readonly Server[], megabytes: number): Promise<void> {
  const calls = Math.ceil((megabytes * 1_000_000) / valueBytes / keysACall);
  for (let call = 0; call < calls; call++)
    for (const server of servers) {
      await ask(server, "DEBUG", "POPULATE", String(keysACall), `load${call}`, String(valueBytes));
      await sleep(5);
    }
}
