import type { Server } from "../server/server.ts";
import { drainMark, emptyDisk } from "./fault-commands.ts";
import type { FaultContext } from "./fault-context.ts";
import { waitForNeighbours } from "./neighbours.ts";
import type { Component } from "./plan.ts";
import { rightMasterauth, rightPassword } from "./settings-faults.ts";

/** Repairs everything, in the order of the plan. */
export async function healAll(context: FaultContext, parts: readonly Component[]): Promise<void> {
  const { servers, withAgents, password } = context.lab;
  for (const server of servers) {
    const mended = rightPassword(server, password);
    if (server.isPaused) server.resume();
    context.restored(`paused ${server.name}`);
    if (!server.isOn) await context.boot(server);
    if (withAgents && server.agentRuns) {
      await server.resumeAgent();
      // It may have been started with the wrong one: docs/agent.md.
      if (mended) await server.reloadAgent();
    } else if (withAgents) await server.startAgent();
    await server.must(["sh", "-c", `rm -f ${drainMark}; ${emptyDisk}`]);
  }
  for (const part of parts) await heal[part](context);
}

const heal: Readonly<Record<Component, (context: FaultContext) => Promise<void>>> = {
  network: async (context) => {
    const { servers, client } = context.lab;
    for (const server of servers) {
      for (const peer of servers.filter((one) => one !== server)) {
        await server.healFrom(peer);
        await server.allowVrrpTo(peer);
      }
      await server.endSlow();
      await server.delay(0);
      await server.healFrom(client);
      await server.heal();
    }
    await waitForNeighbours(servers);
    for (const what of context.cuts) context.restored(what);
    context.cuts.clear();
  },
  redis: async (context) => {
    const { lab } = context;
    const repair = async (server: Server) => {
      if (server.redisRuns) {
        await server.resumeRedis();
        context.restored(`hung ${server.name}`);
      }
      await server.startRedis();
      await rightMasterauth(context, server);
    };
    await Promise.all(lab.servers.map(repair));
  },
  keepalived: async ({ lab }) => {
    const repair = async (server: Server) => {
      if (server.keepalivedRuns) await server.resumeKeepalived();
      await server.startKeepalived();
    };
    await Promise.all(lab.servers.map(repair));
  },
};
