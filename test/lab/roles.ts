import type { Server } from "./server/server.ts";

/** It is master, and has the VIP. */
export const serves = async (server: Server): Promise<boolean> =>
  server.holdsVip() && (await server.role()) === "master";

/** It is a replica in sync, without the VIP. */
export const follows = async (server: Server): Promise<boolean> => !server.holdsVip() && (await server.inSync());

export const isPair = async (master: Server, replica: Server): Promise<boolean> =>
  (await serves(master)) && (await follows(replica));

/** How often one of these servers became master, by their logs. */
export const roleChanges = (servers: readonly Server[]): number =>
  servers
    .flatMap((server) => server.log())
    .filter(({ event, step }) => event === "step-done" && (step === "promote" || step === "hand-over")).length;
