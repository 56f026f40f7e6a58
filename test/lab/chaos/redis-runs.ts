import { monotonic_ms, sleep } from "../machine/process.ts";
import type { RedisSocket } from "../server/redis-socket.ts";
import type { Server } from "../server/server.ts";

/** INFO of one Redis. It was true at some moment between the two times. */
export interface Sample {
  asked_ms: number;
  answered_ms: number;
  master: boolean;
  keys: number;
  /** From its master, so that it has no data. */
  copies?: boolean;
  /**
   * The offset grows with writes. The offset of a master without a backlog does not: no replica has copied from it since its start
   * (Redis 7.0.15, replicationFeedSlaves).
   */
  offsetCounts: boolean;
  /** The replication id and offset; the previous id, and the offset at which that history ended. */
  id: string;
  offset: number;
  previous: { id: string; until: number } | undefined;
}

/** One process of redis-server, from its start to its end. */
export interface RedisRun {
  server: string;
  runId: string;
  /** Counts the processes of a server, from 1. */
  number: number;
  samples: Sample[];
  /** The test ended it, and lost what it had in memory. */
  crash?: { at_ms: number; cause: string };
}

// A server that hangs answers when it is resumed. The end of a server closes the connection.
const reply_ms = 600_000;

/** Reads the history of each Redis about every ten milliseconds, over its unix socket. */
export class RunSampler {
  readonly runs: RedisRun[] = [];
  readonly #byRunId = new Map<string, RedisRun>();
  readonly #current = new Map<string, RedisRun>();
  readonly #loops: Promise<void>[];
  readonly #sockets = new Map<string, RedisSocket>();
  #stopped = false;

  constructor(servers: readonly Server[], every_ms = 10) {
    this.#loops = servers.map((server) => this.#follow(server, every_ms));
  }

  /** Call this before the memory of this server's Redis is lost. */
  crashed(server: string, cause: string): void {
    const run = this.#current.get(server);
    if (run) run.crash ??= { at_ms: monotonic_ms(), cause };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const socket of this.#sockets.values()) socket.close();
    await Promise.all(this.#loops);
  }

  async #follow(server: Server, every_ms: number): Promise<void> {
    while (!this.#stopped) {
      // A connection ends with its Redis, so each connection is one run.
      await this.#sampleRun(server, every_ms).catch(() => undefined);
      this.#current.delete(server.name);
      await sleep(2);
    }
  }

  async #sampleRun(server: Server, every_ms: number): Promise<void> {
    if (!server.isOn) return;
    const socket = server.redisSocket();
    this.#sockets.set(server.name, socket);
    const ask = async (section: string) => String(await socket.ask(["INFO", section], reply_ms));
    const runId = field(await ask("server"), "run_id");
    const run = this.#runOf(server.name, runId);
    this.#current.set(server.name, run);
    while (!this.#stopped) {
      const asked_ms = monotonic_ms();
      const [text, keyspace] = await Promise.all([ask("replication"), ask("keyspace")]);
      run.samples.push(sampleOf(`${text}${keyspace}`, asked_ms, monotonic_ms()));
      await sleep(every_ms);
    }
  }

  #runOf(server: string, runId: string): RedisRun {
    const known = this.#byRunId.get(runId);
    if (known) return known;
    const number = this.runs.filter((run) => run.server === server).length + 1;
    const run: RedisRun = { server, runId, number, samples: [] };
    this.runs.push(run);
    this.#byRunId.set(runId, run);
    return run;
  }
}

const field = (text: string, name: string): string => new RegExp(`^${name}:(.*)\\r$`, "m").exec(text)?.[1] ?? "";

function sampleOf(text: string, asked_ms: number, answered_ms: number): Sample {
  const [id, id2] = [field(text, "master_replid"), field(text, "master_replid2")];
  const left = Number(field(text, "second_repl_offset"));
  return {
    asked_ms,
    answered_ms,
    master: field(text, "role") === "master",
    copies: field(text, "master_sync_in_progress") === "1",
    keys: Number(/^db0:keys=(\d+)/m.exec(text)?.[1] ?? 0),
    offsetCounts: field(text, "role") !== "master" || field(text, "repl_backlog_active") === "1",
    id,
    offset: Number(field(text, "master_repl_offset")),
    // second_repl_offset is the first offset of the new history, one after the last common one.
    previous: left > 0 && !/^0+$/.test(id2) ? { id: id2, until: left - 1 } : undefined,
  };
}
