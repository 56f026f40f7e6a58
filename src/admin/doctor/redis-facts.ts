import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fact, LoginAnswer, NodeFacts, RedisFacts } from "../../model/doctor.ts";
import { info, setting } from "../../redis/commands.ts";
import { parseInfo } from "../../redis/info.ts";
import type { OpenSession } from "../../redis/session.ts";
import { type Endpoint, ReplyError, type Session } from "../../redis/session.ts";
import { fact } from "./fact.ts";
import { tryCommands } from "./try-commands.ts";

const answer_ms = 1000;
const rate_ms = 1000;
const ms_per_s = 1000;
const hash_letters = 16;

/** No passwords among them: what is read here may be printed. */
const settingNames = [
  "bind",
  "protected-mode",
  "replica-read-only",
  "replica-priority",
  "replica-announce-ip",
  "repl-backlog-size",
  "repl-backlog-ttl",
  "client-output-buffer-limit",
  "repl-diskless-sync-delay",
  "maxmemory",
  "maxmemory-policy",
];

type OfRedis = Pick<NodeFacts, "login" | "settings" | "hasPassword" | "info" | "commands" | "users" | "clock">;

/** What a Redis and its configuration file are asked for, and the credentials that it uses as a replica: these are tried and never printed. */
export interface ReadRedis extends OfRedis {
  configFile: Fact<string>;
  asReplica: Fact<Pick<Endpoint, "username" | "password">>;
}

export async function readRedis(open: OpenSession, endpoint: Endpoint, channel: string): Promise<ReadRedis> {
  const login = await tryLogin(open, endpoint);
  if ("unknown" in login || login.value.error !== undefined) {
    const none = { unknown: "unknown" in login ? login.unknown : `it rejects our login (${login.value.error})` };
    return {
      ...{ login, settings: none, hasPassword: none, info: none, commands: none, users: none, clock: none },
      ...{ configFile: none, asReplica: none },
    };
  }
  const on = <T>(what: string, read: (session: Session) => Promise<T>): Promise<Fact<T>> =>
    fact(what, async () => {
      const session = await open(endpoint, answer_ms);
      return read(session).finally(() => session.close());
    });
  const [settings, hasPassword, redis, commands, users, clock, configFile, asReplica] = await Promise.all([
    on("CONFIG GET", readSettings),
    on("CONFIG GET requirepass", async (session) => Boolean(await setting(session, "requirepass"))),
    on("INFO", measure),
    on("commands", (session) => tryCommands(session, channel)),
    on("ACL LIST", readUsers),
    on("TIME", readClock),
    on("INFO", readConfigFile),
    on("CONFIG GET masterauth", readCredentials),
  ]);
  return { login, settings, hasPassword, info: redis, commands, users, clock, configFile, asReplica };
}

/** Whether these credentials are accepted. A Redis that can't be reached is not known. */
export async function tryLogin(open: OpenSession, endpoint: Endpoint): Promise<Fact<LoginAnswer>> {
  return fact("login", async () => {
    const session = await open(endpoint, answer_ms);
    try {
      await session.ask("INFO", "server");
      return { error: undefined };
    } catch (error) {
      // Another error, such as NOPERM, comes after the login.
      if (!(error instanceof ReplyError)) throw error;
      return {
        error: /^(NOAUTH|WRONGPASS)$/.test(error.code) || /password/i.test(error.message) ? error.code : undefined,
      };
    } finally {
      session.close();
    }
  });
}

async function readSettings(session: Session): Promise<Record<string, string>> {
  const values = await Promise.all(settingNames.map(async (name) => [name, await setting(session, name)] as const));
  return Object.fromEntries(values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

async function measure(session: Session): Promise<RedisFacts> {
  const first = parseInfo(await info(session));
  const started = performance.now();
  await sleep(rate_ms);
  const text = await info(session);
  const second = parseInfo(text);
  if (!first || !second) throw new Error("it has no role");
  const seconds = (performance.now() - started) / ms_per_s;
  const bytes = second.history.id === first.history.id ? second.history.offset - first.history.offset : 0;
  const { server, version, role } = second;
  const memory_bytes = Number(/^used_memory_dataset:(\d+)/m.exec(text)?.[1] ?? 0);
  return { server, version, role, memory_bytes, written_bytes_per_s: Math.max(0, bytes / seconds) };
}

async function readConfigFile(session: Session): Promise<string> {
  const file = /^config_file:(.+?)\r?$/m.exec(await info(session))?.[1];
  if (!file) throw new Error("the server was started without a configuration file");
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
    hash: createHash("sha256").update(line).digest("hex").slice(0, hash_letters),
  }));
}

async function readClock(session: Session): Promise<{ ahead_ms: number; within_ms: number }> {
  const asked = Date.now();
  const [seconds, microseconds] = ((await session.ask("TIME")) as string[]).map(Number);
  const within_ms = Date.now() - asked;
  const theirs = (seconds ?? 0) * ms_per_s + (microseconds ?? 0) / ms_per_s;
  return { ahead_ms: theirs - (asked + within_ms / 2), within_ms };
}
