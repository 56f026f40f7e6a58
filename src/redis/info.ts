/** What INFO says of one server, typed. Field names and their meaning: redis.io/commands/info, measured on 7.0.15. */

/** Where a data set stands in the stream of writes. Offsets count bytes of that stream. */
export interface History {
  id: string;
  offset: number;
  /** The history that this one grew out of at a promotion, and the last offset the two have in common. */
  previous?: { id: string; until: number } | undefined;
}

/** The server that a replica copies from. */
export interface Source {
  host: string;
  port: number;
  link: "up" | "down";
  /** A full copy is on its way: the data set here is about to be thrown away. */
  syncing: boolean;
  /** The data set is a known position of a master's history (false before the first sync and after one that broke). */
  positioned: boolean;
  progress?: { bytes: number; total: number } | undefined;
}

export interface ConnectedReplica {
  host: string;
  port: number;
  online: boolean;
  offset: number;
  /** Seconds since it last acknowledged; replicas do so once a second. */
  lag_s: number;
}

export interface Observed {
  kind: "observed";
  role: "master" | "replica";
  runId: string;
  version: string;
  uptime_s: number;
  history: History;
  keys: number;
  /** Set on a replica. */
  source?: Source | undefined;
  replicas: ConnectedReplica[];
  loading?: { eta_s: number } | undefined;
  /** The text of MISCONF: a failed save makes this master refuse writes. */
  refusesWrites?: string | undefined;
}

export function parseInfo(text: string): Omit<Observed, "kind" | "refusesWrites"> | undefined {
  const field = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) field.set(line.slice(0, colon), line.slice(colon + 1));
  }
  const number = (name: string, absent = 0) => {
    const value = Number(field.get(name) ?? absent);
    return Number.isFinite(value) ? value : absent;
  };
  const role = field.get("role");
  const id = field.get("master_replid");
  if ((role !== "master" && role !== "slave") || id === undefined) return undefined;
  return {
    role: role === "master" ? "master" : "replica",
    runId: field.get("run_id") ?? "",
    version: field.get("redis_version") ?? field.get("valkey_version") ?? "",
    uptime_s: number("uptime_in_seconds"),
    history: { id, offset: number("master_repl_offset"), previous: previousHistory(field, number) },
    keys: keysOf(field),
    source: role === "slave" ? sourceOf(field, number) : undefined,
    replicas: replicasOf(field),
    loading: field.get("loading") === "1" ? { eta_s: number("loading_eta_seconds") } : undefined,
  };
}

type Fields = ReadonlyMap<string, string>;
type NumberOf = (name: string, absent?: number) => number;

function previousHistory(field: Fields, number: NumberOf): History["previous"] {
  const id = field.get("master_replid2") ?? "";
  // second_repl_offset is the first offset that may be asked for under the new id only: one past the common part.
  return /^0*$/.test(id) ? undefined : { id, until: number("second_repl_offset") - 1 };
}

function sourceOf(field: Fields, number: NumberOf): Source {
  const up = field.get("master_link_status") === "up";
  const total = number("master_sync_total_bytes");
  const syncing = field.get("master_sync_in_progress") === "1";
  return {
    host: field.get("master_host") ?? "",
    port: number("master_port"),
    link: up ? "up" : "down",
    syncing,
    // Without a (cached) master the two offsets part: slave_repl_offset is then 1 whatever the data set holds.
    positioned: up || (!syncing && number("slave_repl_offset", -1) === number("master_repl_offset")),
    progress: syncing ? { bytes: number("master_sync_read_bytes"), total } : undefined,
  };
}

function keysOf(field: Fields): number {
  let keys = 0;
  for (const [name, value] of field) {
    if (/^db\d+$/.test(name)) keys += Number(/keys=(\d+)/.exec(value)?.[1] ?? 0);
  }
  return keys;
}

function replicasOf(field: Fields): ConnectedReplica[] {
  const found: ConnectedReplica[] = [];
  for (const [name, value] of field) {
    if (!/^slave\d+$/.test(name)) continue;
    const part = new Map(value.split(",").map((pair) => pair.split("=", 2) as [string, string]));
    found.push({
      host: part.get("ip") ?? "",
      port: Number(part.get("port")),
      online: part.get("state") === "online",
      offset: Number(part.get("offset")),
      lag_s: Number(part.get("lag")),
    });
  }
  return found;
}
