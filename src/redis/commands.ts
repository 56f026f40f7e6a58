import { parkedAt } from "../decide/situation.ts";
import type { Session } from "./session.ts";

/** The few commands we send to change a Redis. Each works from 6.2 on; older ones lack `CLIENT PAUSE WRITE`. */

// "SLAVEOF" would work on any version, but an ACL for us names the commands that we send: this one is from 5.0.
export const follow = (redis: Session, host: string, port: number) => redis.ask(...followCommand(host, port));

const followCommand = (host: string, port: number): string[] => ["REPLICAOF", host, String(port)];

export const promote = (redis: Session) => redis.ask("REPLICAOF", "NO", "ONE");

export const parkCommand = followCommand(parkedAt.host, parkedAt.port);

export const park = (redis: Session) => redis.ask(...parkCommand);

/** Writes wait, reads are served; ends by itself after `ms`, whatever becomes of us. */
export const pauseWrites = (redis: Session, ms: number) => redis.ask("CLIENT", "PAUSE", String(Math.ceil(ms)), "WRITE");

export const unpause = (redis: Session) => redis.ask("CLIENT", "UNPAUSE");

export const dropClientsCommand = ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"];

/** Ends the sessions of applications, not those of replicas nor our own. */
export async function dropClients(redis: Session): Promise<number> {
  const killed = [
    await redis.ask(...dropClientsCommand),
    await redis.ask("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes"),
  ];
  return killed.reduce<number>((sum, one) => sum + Number(one), 0);
}

/** Ends the sessions that came by one address of the host, whatever they are. */
export const dropClientsAt = async (redis: Session, address: string, port: number): Promise<number> =>
  Number(await redis.ask("CLIENT", "KILL", "LADDR", `${address.includes(":") ? `[${address}]` : address}:${port}`));

/** The addresses it listens on, as redis.conf spells them. Rejects before 7.0, where that can't be changed. */
export async function listeningOn(redis: Session): Promise<string> {
  const bind = await redis.ask("CONFIG", "GET", "bind");
  if (!Array.isArray(bind) || typeof bind[1] !== "string") throw new Error("no answer to CONFIG GET bind");
  return bind[1];
}

export const listenOn = (redis: Session, addresses: string) => redis.ask("CONFIG", "SET", "bind", addresses);

// Redis' own default (redis.conf of 7.0); any rule will do, since the replica has nothing else to do.
const snapshots = "3600 1 300 100 60 10000";

/** Turns snapshots on (the replica's part) or off (the master's: they stall it on disk I/O, which is what the seed is about). */
export async function setPersistence(redis: Session, on: boolean): Promise<void> {
  const now = await redis.ask("CONFIG", "GET", "save");
  const save = Array.isArray(now) ? String(now[1] ?? "") : "";
  // Rules that an operator chose stay as they are.
  if (on === (save !== "")) return;
  await redis.ask("CONFIG", "SET", "save", on ? snapshots : "");
}
