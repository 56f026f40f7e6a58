import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fact, LoginAnswer, NodeFacts, RedisFacts } from "../../model/doctor.ts";
import type { History } from "../../model/history.ts";
import { info, setting } from "../../redis/commands.ts";
import { parseInfo } from "../../redis/info.ts";
import { authCommand, type Endpoint, type OpenSession, ReplyError, type Session } from "../../redis/session.ts";
import { fact, NotThere } from "./fact.ts";
import { tryCommands } from "./try-commands.ts";

const answer_ms = 1000;
const rate_ms = 1000;
const ms_per_s = 1000;
const hash_letters = 16;

/** No passwords among them: what is read here may be printed. */
const settingNames = [
  "bind",
  "replica-read-only",
  "replica-priority",
  "replica-announce-ip",
  "repl-backlog-size",
  "repl-backlog-ttl",
  "client-output-buffer-limit",
  "repl-diskless-sync-delay",
  "maxmemory",
  "maxmemory-policy",
  "lazyfree-lazy-user-del",
  "lazyfree-lazy-user-flush",
  "replica-lazy-flush",
];

type OfRedis = Pick<NodeFacts, "login" | "settings" | "info" | "commands" | "users" | "clock">;

/** What a Redis and its configuration file are asked for, and the credentials that it uses as a replica: these are tried and never printed. */
export interface ReadRedis extends OfRedis {
  configFile: Fact<string>;
  asReplica: Fact<Pick<Endpoint, "username" | "password">>;
}

export interface HowToRead {
  /** The node whose Redis it is. */
  name: string;
  open: OpenSession;
  /** A channel that we may subscribe to. */
  channel: string;
  /** Measure how much is written: that takes a second. */
  measure: boolean;
}

export async function readRedis(endpoint: Endpoint, { name, open, channel, measure }: HowToRead): Promise<ReadRedis> {
  const login = await tryLogin(open, name, endpoint);
  if ("unknown" in login || login.value.error !== undefined) {
    const none = {
      unknown: "unknown" in login ? login.unknown : `the Redis of ${name} rejects our login (${login.value.error})`,
    };
    return {
      ...{ login, settings: none, info: none, commands: none, users: none, clock: none },
      ...{ configFile: none, asReplica: none },
    };
  }
  const on = <T>(what: string, read: (session: Session) => Promise<T>): Promise<Fact<T>> =>
    fact(what, async () => {
      const session = await open(endpoint, answer_ms);
      return read(session).finally(() => session.close());
    });
  const [settings, redis, commands, users, clock, configFile, asReplica] = await Promise.all([
    on("CONFIG GET", readSettings),
    on("INFO", (session) => readInfo(session, measure)),
    on("commands", (session) => tryCommands(session, channel)),
    on("ACL LIST", readUsers),
    on("TIME", readClock),
    on("INFO", readConfigFile),
    on("CONFIG GET masterauth", readCredentials),
  ]);
  return { login, settings, info: redis, commands, users, clock, configFile, asReplica };
}

/** Whether our credentials are accepted. A Redis that can't be reached is not known. */
const tryLogin = (open: OpenSession, name: string, endpoint: Endpoint): Promise<Fact<LoginAnswer>> =>
  answerTo(open, name, endpoint, (session) => session.ask("INFO", "server"));

/** As a replica does it: AUTH that is not needed is an error as well, and then a replica does not follow. */
export const tryAsReplica = (
  open: OpenSession,
  name: string,
  endpoint: Endpoint,
  { username, password }: Pick<Endpoint, "username" | "password">,
): Promise<Fact<LoginAnswer>> =>
  answerTo(open, name, { ...endpoint, username: undefined, password: undefined }, (session) =>
    session.ask(...(password === undefined ? ["PING"] : authCommand({ ...endpoint, username }, password))),
  );

function answerTo(
  open: OpenSession,
  name: string,
  endpoint: Endpoint,
  ask: (session: Session) => Promise<unknown>,
): Promise<Fact<LoginAnswer>> {
  return fact(`the Redis of ${name} does not answer`, async () => {
    const session = await open(endpoint, answer_ms);
    try {
      await ask(session);
      return { error: undefined };
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      // Another error, such as NOPERM, comes after the login.
      return { error: /NOAUTH|WRONGPASS|password/i.test(error.message) ? error.code : undefined };
    } finally {
      session.close();
    }
  });
}

async function readSettings(session: Session): Promise<Record<string, string>> {
  const values = await Promise.all(settingNames.map(async (name) => [name, await setting(session, name)] as const));
  return Object.fromEntries(values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

async function readInfo(session: Session, measure: boolean): Promise<RedisFacts> {
  const text = await info(session);
  const first = parseInfo(text);
  if (!first) throw new Error("it has no role");
  const { server, version, role, history } = first;
  const memory_bytes = Number(/^used_memory_dataset:(\d+)/m.exec(text)?.[1] ?? 0);
  return {
    ...{ server, version, role, memory_bytes },
    written_bytes_per_s: measure ? await writeRate(session, history) : undefined,
  };
}

/** The bytes that the replication stream grows by in a second. */
async function writeRate(session: Session, before: History): Promise<number> {
  const started = performance.now();
  await sleep(rate_ms);
  const after = parseInfo(await info(session))?.history;
  if (after?.id !== before.id) return 0;
  return Math.max(0, ((after.offset - before.offset) * ms_per_s) / (performance.now() - started));
}

async function readConfigFile(session: Session): Promise<string> {
  const file = /^config_file:(.+?)\r?$/m.exec(await info(session))?.[1];
  if (!file) throw new NotThere("the server was started without a configuration file");
  return file;
}

async function readCredentials(session: Session): Promise<Pick<Endpoint, "username" | "password">> {
  const [username, password] = await Promise.all([setting(session, "masteruser"), setting(session, "masterauth")]);
  return { username: username || undefined, password: password || undefined };
}

async function readUsers(session: Session): Promise<{ name: string; hash: string }[]> {
  const lines = (await session.ask("ACL", "LIST")) as string[];
  return lines.map((line) => ({
    name: /^user (\S+)/.exec(line)?.[1] ?? "",
    hash: createHash("sha256").update(inOneOrder(line)).digest("hex").slice(0, hash_letters),
  }));
}

/**
 * Redis 7.0 lists the single commands of a user in the order of a hash table, which is another one in each process (measured): servers with
 * the same user have different lines. Categories stay where they are, since a later rule counts.
 */
const inOneOrder = (line: string): string =>
  line.replaceAll(/(?<=\s)(?:[+-][^@\s]\S* ?)+/g, (run) => run.trim().split(" ").sort().join(" "));

async function readClock(session: Session): Promise<{ ahead_ms: number; within_ms: number }> {
  const asked = Date.now();
  const [seconds, microseconds] = ((await session.ask("TIME")) as string[]).map(Number);
  const within_ms = Date.now() - asked;
  const theirs = (seconds ?? 0) * ms_per_s + (microseconds ?? 0) / ms_per_s;
  return { ahead_ms: theirs - (asked + within_ms / 2), within_ms };
}
