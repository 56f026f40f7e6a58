import type { Server } from "./server/server.ts";

/** Turns a host on, and starts what runs on it. */
export async function startHost(server: Server, profile: "hooks" | "agent"): Promise<void> {
  await server.powerOn();
  await server.startRedis();
  if (profile === "agent") await server.startAgent();
  await server.startKeepalived();
}
