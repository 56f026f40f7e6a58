import { sleep } from "../machine/process.ts";
import type { Fault } from "./fault-context.ts";

/** Faults of whole hosts. */

export const powerOff: Fault = async (context, { server, for_ms }) => {
  context.sampler.crashed(server.name, `power cut of ${server.name}`);
  await server.powerOff();
  if (await context.lasts(for_ms)) await context.boot(server);
};

/** All processes stand still, as in a virtual machine that is paused. */
export const pauseHost: Fault = async (context, { server, for_ms }) => {
  context.interrupted(`paused ${server.name}`);
  server.pause();
  await context.lasts(for_ms);
  if (server.isOn) server.resume();
  context.restored(`paused ${server.name}`);
};

/** Both Redis end at once, and start again. */
export const coldStart: Fault = async (context, { server, peer, for_ms, random }) => {
  const kills = await Promise.allSettled([server, peer].map((one) => context.killRedis(one, "cold start")));
  if (kills.every(({ status }) => status === "rejected")) throw new Error("no Redis runs");
  const [first, last] = random.chance(0.5) ? [server, peer] : [peer, server];
  await context.startRedisAfter(first, for_ms);
  if (random.chance(0.5)) await sleep(random.whole(0, 1000));
  await context.startRedisAfter(last, 0);
};

/** The other host is off, and then the Redis of this one crashes: nobody else has its data. */
export const crashLastNode: Fault = async (context, { server, peer, for_ms, random }) => {
  context.sampler.crashed(peer.name, `power cut of ${peer.name}`);
  await peer.powerOff();
  if (!(await context.lasts(random.whole(300, 4000)))) return;
  await context.killRedis(server, "kill -9, restart as the last node");
  await context.startRedisAfter(server, for_ms);
};
