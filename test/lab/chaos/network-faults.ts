import type { Server } from "../server/server.ts";
import type { Fault, FaultContext } from "./fault-context.ts";
import { waitForNeighbours } from "./neighbours.ts";

/** Faults of the network between the hosts. */

export const cutLink: Fault = (context, { server, peer, for_ms }) =>
  cut(
    context,
    linkOf(server, peer),
    () => server.cutFrom(peer),
    () => server.healFrom(peer),
    for_ms,
  );

export const cutLinkOneWay: Fault = (context, { server, peer, for_ms }) =>
  cut(
    context,
    linkOf(server, peer),
    () => server.cutFrom(peer, { oneWay: true }),
    () => server.healFrom(peer),
    for_ms,
  );

export const cutOff: Fault = (context, { server, for_ms }) =>
  cut(
    context,
    `cut off ${server.name}`,
    () => server.cutOff(),
    () => server.heal(),
    for_ms,
  );

export const cutOffSilently: Fault = (context, { server, for_ms }) =>
  cut(
    context,
    `cut off ${server.name}`,
    () => server.cutOff({ silently: true }),
    () => server.heal(),
    for_ms,
  );

const linkOf = (...ends: readonly Server[]): string => `link ${ends.map(({ name }) => name).sort()}`;

async function cut(
  context: FaultContext,
  what: string,
  start: () => Promise<void>,
  heal: () => Promise<void>,
  for_ms: number,
): Promise<void> {
  if (context.cuts.has(what)) throw new Error("it is cut already");
  context.cuts.add(what);
  context.interrupted(what);
  try {
    await start();
  } catch (error) {
    // The host is off. The cut of a link would otherwise begin when it boots.
    await heal().catch(() => undefined);
    if (context.cuts.delete(what)) context.restored(what);
    throw error;
  }
  if (!(await context.lasts(for_ms)) || !context.cuts.has(what)) return;
  await heal();
  await waitForNeighbours(context.lab.servers);
  if (context.cuts.delete(what)) context.restored(what);
}

export const cutFromClient: Fault = async (context, { server, for_ms }) => {
  await server.cutFrom(context.lab.client);
  if (await context.stays(for_ms)) await server.healFrom(context.lab.client);
};

export const slowNetwork: Fault = async (context, { server, for_ms }) => {
  // Some kernels lack netem; all have the token bucket filter.
  await server.delay(20).catch(() => server.bandwidth(2));
  if (await context.lasts(for_ms)) await server.delay(0);
};

/** Up to 30 ms and 5 % loss between the hosts. Nobody is gone. */
export const slowLink: Fault = async (context, { server, peer, for_ms, random }) => {
  const quality = { delay_ms: random.whole(2, 30), lost_percent: random.whole(0, 5) };
  await server.slowDown(peer, quality);
  context.packetsWereLost ||= quality.lost_percent > 0;
  context.print(`the link between the hosts: ${quality.delay_ms} ms each way, ${quality.lost_percent} % lost`);
  if (await context.lasts(for_ms)) await server.endSlow();
};

/**
 * Two nodes that don't hear each other take the role from each other twice, before one of them stays away (docs/guarantees.md): the second
 * time up to ten seconds later, and again when it has stayed away for long enough.
 */
async function lastsWithTakings(context: FaultContext, for_ms: number): Promise<boolean> {
  context.event();
  const takings = setInterval(() => context.event(), 5000);
  return context.lasts(for_ms).finally(() => clearInterval(takings));
}

/** Keepalived of neither host hears the other one, while Redis can be reached. */
export const blockVrrp: Fault = async (context, { server, peer, for_ms }) => {
  await server.blockVrrpTo(peer);
  await peer.blockVrrpTo(server);
  if (!(await lastsWithTakings(context, for_ms))) return;
  await server.allowVrrpTo(peer);
  await peer.allowVrrpTo(server);
};

export const blockVrrpOneWay: Fault = async (context, { server, peer, for_ms }) => {
  await server.blockVrrpTo(peer);
  if (await lastsWithTakings(context, for_ms)) await server.allowVrrpTo(peer);
};
