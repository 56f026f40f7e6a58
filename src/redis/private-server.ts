import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { CommandRefused } from "../cluster/errors.ts";
import { findProgram } from "../system/find-program.ts";
import { poll } from "../system/poll.ts";
import { type BinarySession, openBinary } from "./ioredis-session.ts";

const answer_ms = 60_000;
// Redis loads some 100 MB a second.
const load_ms = 3600_000;
const lastLines = 2000;
// A database costs next to nothing until it has keys.
const databases = 1024;

/**
 * Loads a dump into a redis-server that only this process reaches, which writes no file. It ends with this process, however that
 * ends. `executable` is that of the local Redis, as INFO names it. Throws a CommandRefused if the dump can't be loaded.
 */
export async function withDump<T>(
  dump: string,
  executable: string | undefined,
  proceed: () => void,
  work: (session: BinarySession) => Promise<T>,
): Promise<T> {
  const program = serverProgram(executable);
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-dump-"));
  const socket = join(folder, "socket");
  const options = {
    ...{ port: "0", unixsocket: socket, dir: dirname(dump), dbfilename: basename(dump), databases: String(databases) },
    ...{ save: "", appendonly: "no", daemonize: "no", logfile: "" },
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn("setpriv", ["--pdeathsig", "KILL", program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  try {
    await loaded(server, socket, dump, proceed);
    const session = await openBinary({ host: "the dump", port: 0, socket }, answer_ms);
    try {
      return await work(session);
    } finally {
      session.close();
    }
  } finally {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Redis tells the path that it was started by, which may be relative. */
function serverProgram(executable: string | undefined): string {
  if (executable !== undefined && basename(executable).includes("-server") && existsSync(executable)) return executable;
  const found = findProgram(["redis-server", "valkey-server"]);
  if (found === undefined)
    throw new CommandRefused("a dump is loaded by a redis-server, and none is installed here", {
      remedy: "copy the dump and its description to a host that has one, and read it there as docs/quarantine.md tells",
    });
  return found;
}

async function loaded(server: ChildProcess, socket: string, dump: string, proceed: () => void): Promise<void> {
  let said = "";
  const hear = (text: Buffer) => {
    said = `${said}${text}`.slice(-lastLines);
  };
  server.stdout?.on("data", hear);
  server.stderr?.on("data", hear);
  let failure: string | undefined;
  server.on("error", ({ message }) => {
    failure = message;
  });
  server.on("exit", () => {
    failure ??= said.trim().split("\n").slice(-3).join(" | ");
  });
  const answers = async (): Promise<boolean> => {
    if (failure !== undefined)
      throw new CommandRefused(`${dump} can't be loaded: ${failure}`, {
        remedy: "`redis-check-rdb` tells whether the file is whole; a module that wrote into it must be there, too",
      });
    if (!existsSync(socket)) return false;
    const session = await openBinary({ host: "the dump", port: 0, socket }, answer_ms).catch(() => undefined);
    if (!session) return false;
    try {
      return String(await session.ask([Buffer.from("PING")])) === "PONG";
    } catch {
      return false;
    } finally {
      session.close();
    }
  };
  await poll(answers, { deadline_ms: load_ms, every_ms: 20, proceed, what: "the dump being loaded" });
}
