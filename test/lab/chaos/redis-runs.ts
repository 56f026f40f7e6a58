import { monotonic_ms, sleep } from "../machine/process.ts";
import type { RedisSocket } from "../server/redis-socket.ts";
import type { Server } from "../server/server.ts";

/** One look at one Redis: whatever it says was true at some moment between the two times. */
export interface Sample {
  asked_ms: number;
  answered_ms: number;
  master: boolean;
  keys: number;
  /**
   * Its offset counts writes. A master that has no backlog, because none has copied from it since it started, takes
   * writes and its offset stands still (Redis 7.0.15, replicationFeedSlaves).
   */
  counts: boolean;
  /** Its replication id and how far it is in it; the one before, and where that was left. */
  id: string;
  offset: number;
  previous: { id: string; until: number } | undefined;
}

/** One life of a redis-server, from its start to its end. */
export interface Life {
  server: string;
  runId: string;
  /** First one 1. */
  number: number;
  samples: Sample[];
  /** We ended it, and what it had in memory is gone. */
  crash?: { at_ms: number; cause: string };
}

// A hung server answers when it goes on; its end closes the connection.
const patience_ms = 600_000;

/** Looks at each Redis about every ten milliseconds, past the network, and keeps what each said of its history. */
export class Sampler {
  readonly lives: Life[] = [];
  readonly #byRunId = new Map<string, Life>();
  readonly #current = new Map<string, Life>();
  readonly #loops: Promise<void>[];
  readonly #sockets = new Map<string, RedisSocket>();
  #over = false;

  constructor(servers: readonly Server[], every_ms = 10) {
    this.#loops = servers.map((server) => this.#follow(server, every_ms));
  }

  /** What this server's Redis has in memory is about to be lost. */
  crashed(server: string, cause: string): void {
    const life = this.#current.get(server);
    if (life) life.crash ??= { at_ms: monotonic_ms(), cause };
  }

  async stop(): Promise<void> {
    this.#over = true;
    for (const socket of this.#sockets.values()) socket.close();
    await Promise.all(this.#loops);
  }

  async #follow(server: Server, every_ms: number): Promise<void> {
    while (!this.#over) {
      // A connection ends with the process it goes to: one connection, one life.
      await this.#oneLife(server, every_ms).catch(() => undefined);
      this.#current.delete(server.name);
      await sleep(2);
    }
  }

  async #oneLife(server: Server, every_ms: number): Promise<void> {
    if (!server.isOn) return;
    const socket = server.redisSocket();
    this.#sockets.set(server.name, socket);
    const ask = async (section: string) => String(await socket.ask(["INFO", section], patience_ms));
    const runId = field(await ask("server"), "run_id");
    const life = this.#lifeOf(server.name, runId);
    this.#current.set(server.name, life);
    while (!this.#over) {
      const asked_ms = monotonic_ms();
      const [text, keyspace] = await Promise.all([ask("replication"), ask("keyspace")]);
      life.samples.push(sampleOf(`${text}${keyspace}`, asked_ms, monotonic_ms()));
      await sleep(every_ms);
    }
  }

  #lifeOf(server: string, runId: string): Life {
    const known = this.#byRunId.get(runId);
    if (known) return known;
    const number = this.lives.filter((life) => life.server === server).length + 1;
    const life: Life = { server, runId, number, samples: [] };
    this.lives.push(life);
    this.#byRunId.set(runId, life);
    return life;
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
    keys: Number(/^db0:keys=(\d+)/m.exec(text)?.[1] ?? 0),
    counts: field(text, "role") !== "master" || field(text, "repl_backlog_active") === "1",
    id,
    offset: Number(field(text, "master_repl_offset")),
    // The offset that the new history begins with is one beyond what both share.
    previous: left > 0 && !/^0+$/.test(id2) ? { id: id2, until: left - 1 } : undefined,
  };
}
