import type { History } from "../model/history.ts";
import type { ConnectedReplica, Observed, Source } from "../model/observation.ts";

/** Reads the reply of INFO; undefined if it has no role or no replication id. */
export function parseInfo(text: string): Omit<Observed, "kind" | "refusesWrites"> | undefined {
  const info = new Info(text);
  const role = info.text("role");
  const id = info.text("master_replid");
  if ((role !== "master" && role !== "slave") || id === undefined) return undefined;
  // `redis_version` is always 7.2.4 on Valkey.
  const valkeyVersion = info.text("valkey_version");
  const keys = Object.values(keysByDatabase(text)).reduce((sum, each) => sum + each, 0);
  return {
    role: role === "master" ? "master" : "replica",
    runId: info.text("run_id") ?? "",
    server: valkeyVersion === undefined && info.text("server_name") !== "valkey" ? "redis" : "valkey",
    version: valkeyVersion ?? info.text("redis_version") ?? "",
    uptime_s: info.number("uptime_in_seconds"),
    history: historyOf(info, id, role === "master"),
    backlogFrom: info.text("repl_backlog_active") === "1" ? info.number("repl_backlog_first_byte_offset") : undefined,
    keys,
    source: role === "slave" ? sourceOf(info, keys) : undefined,
    // This line is there only with both min-replicas-to-write and min-replicas-max-lag.
    ...(info.text("min_slaves_good_slaves") === undefined ? {} : { needsReplicas: true }),
    unsaved: {
      count: info.number("rdb_changes_since_last_save"),
      savedAt_s: info.number("rdb_last_save_time"),
    },
    ...(info.text("rdb_saves") === "0" ? { neverSaved: true } : {}),
    replicas: replicasOf(info),
    loading: info.text("loading") === "1" ? { eta_s: info.number("loading_eta_seconds") } : undefined,
  };
}

/** The number of keys in each database, by the number of the database. */
export function keysByDatabase(info: string): Record<string, number> {
  const keyspace = info.slice(Math.max(0, info.indexOf("# Keyspace")));
  return Object.fromEntries([...keyspace.matchAll(/^db(\d+):keys=(\d+)/gm)].map(([, db, keys]) => [db, Number(keys)]));
}

/** Finds fields one by one: the monitor needs 20 of about 200, so parsing all would cost more. */
class Info {
  readonly #info: string;

  constructor(info: string) {
    this.#info = `\n${info}`;
  }

  text(name: string): string | undefined {
    const start = this.#info.indexOf(`\n${name}:`);
    if (start < 0) return undefined;
    const end = this.#info.indexOf("\n", start + 1);
    return this.#info.slice(start + name.length + 2, end < 0 ? undefined : end).trimEnd();
  }

  number(name: string, absent = 0): number {
    const value = Number(this.text(name) ?? absent);
    return Number.isFinite(value) ? value : absent;
  }
}

function historyOf(info: Info, id: string, master: boolean): History {
  const history = { id, offset: info.number("master_repl_offset"), previous: previousHistory(info) };
  // A replica without a backlog that was promoted before took its writes without one: an RDB holds no previous id.
  const counted = info.text("repl_backlog_active") === "1" || (!master && history.previous === undefined);
  return counted ? history : { ...history, uncounted: true };
}

function previousHistory(info: Info): History["previous"] {
  const id = info.text("master_replid2") ?? "";
  // second_repl_offset is the first offset that is valid under the new id only: the common part ends one before.
  return /^0*$/.test(id) ? undefined : { id, until: info.number("second_repl_offset") - 1 };
}

function sourceOf(info: Info, keys: number): Source {
  const up = info.text("master_link_status") === "up";
  const syncing = info.text("master_sync_in_progress") === "1";
  const downFor_s = info.number("master_link_down_since_seconds", -1);
  const backlog = info.text("repl_backlog_active") === "1";
  const offset = info.number("master_repl_offset");
  const progress = { bytes: info.number("master_sync_read_bytes"), total: info.number("master_sync_total_bytes") };
  return {
    host: info.text("master_host") ?? "",
    port: info.number("master_port"),
    link: up ? "up" : "down",
    syncing,
    silentFor_s: syncing
      ? info.number("master_sync_last_io_seconds_ago")
      : up
        ? info.number("master_last_io_seconds_ago")
        : undefined,
    // Without a (cached) master slave_repl_offset is not master_repl_offset. If both are 0, a backlog tells that the server has
    // copied from a master. See docs/notes/redis.md.
    positioned:
      up || (!syncing && info.number("slave_repl_offset", -1) === offset && (offset > 0 || keys > 0 || backlog)),
    downFor_s: up || downFor_s < 0 ? undefined : downFor_s,
    progress: syncing ? progress : undefined,
  };
}

/** Without connections that only read the history: they name no port, and nothing is copied there (src/redis/read-tail.ts). */
function replicasOf(info: Info): ConnectedReplica[] {
  const found: ConnectedReplica[] = [];
  for (let index = 0; ; index++) {
    const line = info.text(`slave${index}`);
    if (line === undefined) return found.filter(({ port }) => port > 0);
    const part = new Map(line.split(",").map((pair) => pair.split("=", 2) as [string, string]));
    found.push({
      host: part.get("ip") ?? "",
      port: Number(part.get("port")),
      online: part.get("state") === "online",
      offset: Number(part.get("offset")),
      lag_s: Number(part.get("lag")),
    });
  }
}
