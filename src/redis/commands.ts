import { parkedAt } from "../decide/situation.ts";
import type { Session } from "./session.ts";

/**
 * Every command that we send to a Redis. Each works from 6.2 on; older ones lack `CLIENT PAUSE WRITE`. The rights that they need
 * are listed in docs/redis.md.
 */

export const ping = (redis: Session) => redis.ask("PING");

export const info = async (redis: Session): Promise<string> => String(await redis.ask("INFO"));

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

/** Seconds for which the replica at an address has been connected; undefined where none is, or the right is missing. */
export async function replicaConnectedFor_s(redis: Session, host: string): Promise<number | undefined> {
  const list = await redis.ask("CLIENT", "LIST", "TYPE", "replica").then(String, () => "");
  const ages = list
    .split("\n")
    .map((line) => new Map(line.split(" ").map((pair) => pair.split("=", 2) as [string, string])))
    .filter(
      (client) =>
        client
          .get("addr")
          ?.replace(/:\d+$/, "")
          .replace(/^\[|\]$/g, "") === host,
    )
    .map((client) => Number(client.get("age")));
  return ages.length > 0 ? Math.max(...ages) : undefined;
}

/** The value of a setting, undefined where the server has none of that name. */
export async function setting(redis: Session, name: string): Promise<string | undefined> {
  const reply = await redis.ask("CONFIG", "GET", name);
  return Array.isArray(reply) && typeof reply[1] === "string" ? reply[1] : undefined;
}

export const changeSetting = (redis: Session, name: string, value: string) => redis.ask("CONFIG", "SET", name, value);

/** The addresses it listens on, as redis.conf spells them. Rejects before 7.0, where that can't be changed. */
export async function listeningOn(redis: Session): Promise<string> {
  const bind = await setting(redis, "bind");
  if (bind === undefined) throw new Error("no answer to CONFIG GET bind");
  return bind;
}

export const listenOn = (redis: Session, addresses: string) => changeSetting(redis, "bind", addresses);

// Redis' own default (redis.conf of 7.0); any rule will do, since the replica has nothing else to do.
const snapshots = "3600 1 300 100 60 10000";

/** Turns snapshots on (the replica's part) or off (the master's: they stall it on disk I/O). Rules that an operator chose stay. */
export async function setPersistence(redis: Session, on: boolean): Promise<void> {
  const save = (await setting(redis, "save")) ?? "";
  if (on !== (save !== "")) await changeSetting(redis, "save", on ? snapshots : "");
}

// Replicas acknowledge once a second; a lag of three says that at least two of these did not come.
const replicaLag_s = 3;

/** A master takes writes only while a replica acknowledges them (on), or always. */
export async function setReplicaFence(redis: Session, on: boolean): Promise<void> {
  if (on) await changeSetting(redis, "min-replicas-max-lag", String(replicaLag_s));
  await changeSetting(redis, "min-replicas-to-write", on ? "1" : "0");
}

/** In small letters: ioredis keeps its books by the name as given. */
export const subscribe = (redis: Session, channel: string) => redis.ask("subscribe", channel);

export async function subscribers(redis: Session, channel: string): Promise<number> {
  const reply = await redis.ask("PUBSUB", "NUMSUB", channel);
  return Array.isArray(reply) ? Number(reply[1]) : 0;
}
