import type { CommandAnswer } from "../../model/doctor.ts";
import { ReplyError, type Session } from "../../redis/session.ts";

/**
 * Each command that src/redis/ sends, in a form that Redis refuses before it does anything: an argument is wrong. Redis checks first
 * whether the command exists and the user may run it, so the error tells. This needs no right of its own, and works with every version.
 */
const forms: Readonly<Record<string, readonly string[]>> = {
  PING: ["PING"],
  INFO: ["INFO", "server"],
  REPLICAOF: ["REPLICAOF", "127.0.0.1", "no-port"],
  "CLIENT PAUSE": ["CLIENT", "PAUSE", "no-number", "WRITE"],
  "CLIENT KILL": ["CLIENT", "KILL", "TYPE", "no-type"],
  "CLIENT LIST": ["CLIENT", "LIST", "TYPE", "no-type"],
  "CONFIG GET": ["CONFIG", "GET", "port"],
  "CONFIG SET": ["CONFIG", "SET", "no-such-setting", "1"],
  BGSAVE: ["BGSAVE", "no-such-option"],
  "PUBSUB NUMSUB": ["PUBSUB", "NUMSUB"],
  REPLCONF: ["REPLCONF", "no-such-option", "1"],
};

/** These have no form without effect: ACL DRYRUN is asked (Redis 7.0 and newer, for a user with the right to it). */
const dryRuns: Readonly<Record<string, readonly string[]>> = {
  "CLIENT UNPAUSE": ["CLIENT", "UNPAUSE"],
  PSYNC: ["PSYNC", "?", "-1"],
  SYNC: ["SYNC"],
};

export async function tryCommands(session: Session, channel: string): Promise<CommandAnswer[]> {
  const tried = Object.entries(forms).map(async ([command, form]) => ({
    command,
    problem: await session.ask(...form).then(() => undefined, problemOf),
  }));
  const user = await session.ask("ACL", "WHOAMI").then(String, () => "default");
  const asked = Object.entries(dryRuns).map(async ([command, form]) => ({
    command,
    problem: await session.ask("ACL", "DRYRUN", user, ...form).then(problemOfDryRun, notFound),
  }));
  const answers = await Promise.all([...tried, ...asked]);
  // The last one: the connection can do nothing else after it.
  const subscribed = await session.ask("subscribe", channel).then(() => undefined, problemOf);
  return [...answers, { command: "SUBSCRIBE", problem: subscribed }];
}

function problemOf(error: unknown): CommandAnswer["problem"] {
  if (!(error instanceof ReplyError)) throw error;
  if (error.code === "NOPERM") return "denied";
  return /^ERR unknown command/i.test(error.message) ? "missing" : undefined;
}

const problemOfDryRun = (reply: unknown): CommandAnswer["problem"] =>
  /no permissions/i.test(String(reply)) ? "denied" : undefined;

/** Another error is that of ACL DRYRUN itself: denied, or not known to this version. */
const notFound = (error: Error): CommandAnswer["problem"] =>
  /Command '.*' not found/i.test(error.message) ? "missing" : "not-known";
