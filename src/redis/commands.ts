import { parkedAt } from "../decide/situation.ts";
import type { Session } from "./session.ts";

/**
 * Every command that is sent to Redis. All work with 6.2 and newer; older versions lack `CLIENT PAUSE ... WRITE`. docs/redis.md lists
 * the ACL rights that they need.
 */

export const ping = (redis: Session) => redis.ask("PING");

export const info = async (redis: Session): Promise<string> => String(await redis.ask("INFO"));

/** The process id that the server reports: that of its own process namespace. NaN if it reports none. */
export const processId = async (redis: Session): Promise<number> =>
  Number(/^process_id:(\d+)/m.exec(String(await redis.ask("INFO", "server")))?.[1]);

/** The numbers of the databases that have keys. */
export async function databasesOf(redis: Session): Promise<number[]> {
  const keyspace = String(await redis.ask("INFO", "keyspace"));
  return [...keyspace.matchAll(/^db(\d+):/gm)].map(([, number]) => Number(number));
}

export const follow = (redis: Session, host: string, port: number) => redis.ask(...followCommand(host, port));

const followCommand = (host: string, port: number): string[] => ["REPLICAOF", host, String(port)];

/**
 * Makes it master, and has it keep its history. A master without a replica frees its backlog after `repl-backlog-ttl` (an hour, if
 * redis.conf does not say 0) and begins a history that no snapshot has: restarted, it lost to an older peer (measured).
 */
export async function promote(redis: Session): Promise<void> {
  const promoted = redis.ask("REPLICAOF", "NO", "ONE");
  const kept = changeSetting(redis, "repl-backlog-ttl", "0").catch(() => undefined);
  await Promise.all([promoted, kept]);
}

export const parkCommand = followCommand(parkedAt.host, parkedAt.port);

export const park = (redis: Session) => redis.ask(...parkCommand);

/** Writes wait and reads are served. It ends by itself after `ms`, even if this process dies. */
export const pauseWrites = (redis: Session, ms: number) => redis.ask(...pauseWritesCommand(ms));

export const pauseWritesCommand = (ms: number): string[] => ["CLIENT", "PAUSE", String(Math.ceil(ms)), "WRITE"];

export const unpause = (redis: Session) => redis.ask("CLIENT", "UNPAUSE");

export const dropClientsCommand = ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"];

/** Ends the sessions of clients, but not those of replicas or this one. */
export async function dropClients(redis: Session): Promise<number> {
  const killed = [
    await redis.ask(...dropClientsCommand),
    await redis.ask("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes"),
  ];
  return killed.reduce<number>((sum, one) => sum + Number(one), 0);
}

/** Ends all sessions that were opened to this local address. */
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

/** The value of a setting; undefined if the server does not know it. */
export async function setting(redis: Session, name: string): Promise<string | undefined> {
  const reply = await redis.ask("CONFIG", "GET", name);
  return Array.isArray(reply) && typeof reply[1] === "string" ? reply[1] : undefined;
}

export const changeSetting = (redis: Session, name: string, value: string) => redis.ask("CONFIG", "SET", name, value);

/** The value of `bind`. Rejects before 7.0, where it can't be changed at run time. */
export async function listeningOn(redis: Session): Promise<string> {
  const bind = await setting(redis, "bind");
  if (bind === undefined) throw new Error("no answer to CONFIG GET bind");
  return bind;
}

export const listenOn = (redis: Session, addresses: string) => changeSetting(redis, "bind", addresses);

// The default of Redis 7.0.
const snapshots = "3600 1 300 100 60 10000";

/** Turns snapshots on (replica) or off (master, which disk I/O would delay). `save` rules of the operator are not replaced. Returns whether it was changed. */
export async function setPersistence(redis: Session, on: boolean): Promise<boolean> {
  const off = await snapshotsOff(redis);
  if (on === off) await changeSetting(redis, "save", on ? snapshots : "");
  return on === off;
}

export const snapshotsOff = async (redis: Session): Promise<boolean> => ((await setting(redis, "save")) ?? "") === "";

/** Takes a snapshot in the background, now or when the running one has ended. */
export const takeSnapshot = (redis: Session) => redis.ask("BGSAVE", "SCHEDULE");

// Replicas acknowledge once a second, so at least two acknowledgements are missing.
const replicaLag_s = 3;

/** On: the master accepts writes only while a replica acknowledges. Off: always. */
export async function setReplicaFence(redis: Session, on: boolean): Promise<void> {
  if (on) await changeSetting(redis, "min-replicas-max-lag", String(replicaLag_s));
  await changeSetting(redis, "min-replicas-to-write", on ? "1" : "0");
}

/** In lower case: ioredis detects subscriptions by the exact name. */
export const subscribe = (redis: Session, channel: string) => redis.ask("subscribe", channel);

export async function subscribers(redis: Session, channel: string): Promise<number> {
  const reply = await redis.ask("PUBSUB", "NUMSUB", channel);
  return Array.isArray(reply) ? Number(reply[1]) : 0;
}
