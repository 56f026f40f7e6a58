import { readFileSync } from "node:fs";
import { monotonic_ms, sleep } from "../machine/process.ts";
import { passwordPath } from "../server/cluster-file.ts";
import type { Server } from "../server/server.ts";
import type { Fault, FaultContext } from "./fault-context.ts";

/** An operator's mistakes with passwords. */

const right_ms = 20_000;
const wrong = "not-the-password";

/** Replication to this node does not work; on a master, once it becomes a replica. */
export const wrongMasterauth: Fault = async (context, { server, for_ms }) => {
  // Before the command: a server that stands still obeys it later.
  context.wrongMasterauth.add(server);
  await server.redis("CONFIG", "SET", "masterauth", wrong);
  // The link goes on until it breaks.
  await server.redis("CLIENT", "KILL", "TYPE", "master").catch(() => undefined);
  if (await context.lasts(for_ms)) await rightMasterauth(context, server);
};

/** Asks until it is done: a script may block Redis. A Redis that was restarted meanwhile has read it from its redis.conf. */
export async function rightMasterauth({ wrongMasterauth, lab }: FaultContext, server: Server): Promise<void> {
  const end_ms = monotonic_ms() + right_ms;
  while (wrongMasterauth.has(server) && server.redisRuns) {
    const socket = server.redisSocket();
    const reply = await socket.ask(["CONFIG", "SET", "masterauth", lab.password ?? ""], right_ms).catch(String);
    socket.close();
    if (reply === "OK") wrongMasterauth.delete(server);
    else await sleep(100);
    if (monotonic_ms() > end_ms) throw new Error(`${server.name}: CONFIG SET masterauth: ${reply}`);
  }
}

/** The product on this host can't log in to any Redis. */
export const wrongPassword: Fault = async (context, { server, for_ms }) => {
  server.disk.write(passwordPath, `${wrong}\n`, 0o600);
  if (!(await context.lasts(for_ms)) || !rightPassword(server, context.lab.password)) return;
  if (server.agentRuns) await server.reloadAgent();
};

/** True if it was wrong. */
export function rightPassword(server: Server, password = ""): boolean {
  const right = `${password}\n`;
  if (readFileSync(server.disk.at(passwordPath), "utf8") === right) return false;
  server.disk.write(passwordPath, right, 0o600);
  return true;
}
