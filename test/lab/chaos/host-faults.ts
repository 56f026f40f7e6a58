import { sleep } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import type { Fault } from "./fault-context.ts";

/** Faults of whole hosts. */

export const powerOff: Fault = async (context, { server, for_ms }) => {
  context.sampler.crashed(server.name, `power cut of ${server.name}`);
  await server.powerOff();
  if (await context.lasts(for_ms)) await context.boot(server);
};

/** All processes stand still, as in a virtual machine that is paused. */
export const pauseHost: Fault = async (context, { server, for_ms }) => {
  // This fails if the host is off.
  server.pause();
  context.interrupted(`paused ${server.name}`);
  await context.lasts(for_ms);
  if (server.isOn) server.resume();
  context.restored(`paused ${server.name}`);
};

/** The Redis of all nodes end at once, and start again, one after the other. */
export const coldStart: Fault = async (context, { server, peer, for_ms, random }) => {
  const third = context.lab.servers.filter((one) => one !== server && one !== peer);
  const all = [server, peer, ...third];
  const kills = await Promise.allSettled(all.map((one) => context.killRedis(one, "cold start")));
  if (kills.every(({ status }) => status === "rejected")) throw new Error("no Redis runs");
  const [first, ...others] = random.chance(0.5) ? all : [peer, server, ...third];
  await context.startRedisAfter(first as Server, for_ms);
  if (random.chance(0.5)) await sleep(random.whole(0, 1000));
  for (const other of others) await context.startRedisAfter(other, 0);
};

/** The other hosts are off, and then the Redis of this one crashes: nobody else has its data. */
export const crashLastNode: Fault = async (context, { server, for_ms, random }) => {
  for (const peer of context.lab.servers.filter((one) => one !== server && one.isOn)) {
    context.sampler.crashed(peer.name, `power cut of ${peer.name}`);
    await peer.powerOff();
  }
  if (!(await context.lasts(random.whole(300, 4000)))) return;
  await context.killRedis(server, "kill -9, restart as the last node");
  await context.startRedisAfter(server, for_ms);
};
