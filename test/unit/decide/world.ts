import type { History } from "../../../src/model/history.ts";
import type { Observation, Observed } from "../../../src/model/observation.ts";
import type { Situation } from "../../../src/model/situation.ts";
import { hosts } from "./situations.ts";

/**
 * A small world of servers that copy from each other, break and come back as Redis does (7.0, `replicaof` in every
 * redis.conf), to carry plans out in. One write is one byte of the stream. What a data set really holds stands beside its
 * history, so that a plan can be held against what is there and not against what it believes.
 */
export interface Server {
  name: string;
  up: boolean;
  role: "master" | "replica";
  /** The server that it copies from; undefined: parked, or a master. */
  source: string | undefined;
  link: "up" | "down";
  /** The link to this source was up once and broke. */
  broke: boolean;
  /** What a full copy under way will bring. */
  incoming: Data | undefined;
  /** The place of the data set in its history is known (a cached master). */
  known: boolean;
  /** Writes are counted, and partial copies can be had. */
  backlog: boolean;
  data: Data;
  paused: boolean;
  uptime: number;
  disk: Data & { known: boolean };
  /** The quarantine of its host. */
  dumps: string[][];
}

export interface Data {
  history: History;
  writes: string[];
}

export class StepFailed extends Error {}

const nothing = (): Data & { known: boolean } => ({ history: { id: "", offset: 0 }, writes: [], known: false });

export class World {
  readonly servers: Server[];
  /** Who holds the virtual IP; more than one while hosts don't hear each other. */
  holders: Set<string>;
  readonly acknowledged = new Set<string>();
  /** Gone by a crash before anybody else had them: what asynchronous replication costs. */
  readonly excused = new Set<string>();
  readonly #cut = new Set<string>();
  #next = 0;

  constructor(names: string[]) {
    const [first = "", ...others] = names;
    const history = { id: this.#fresh(), offset: 0 };
    this.servers = names.map((name) => ({
      ...{ name, up: true, role: name === first ? "master" : "replica", source: name === first ? undefined : first },
      ...{
        link: "up",
        broke: false,
        incoming: undefined,
        known: true,
        backlog: true,
        data: { history, writes: [] },
        paused: false,
      },
      ...{ uptime: 0, disk: nothing(), dumps: [] },
    }));
    this.holders = new Set([others.length > 0 ? first : ""]);
  }

  #fresh(): string {
    return `id${this.#next++}`;
  }

  of(name: string): Server {
    const found = this.servers.find((one) => one.name === name);
    if (!found) throw new Error(`no server ${name}`);
    return found;
  }

  // What hosts do to each other.

  reaches = (a: string, b: string): boolean => a === b || !this.#cut.has([a, b].sort().join());
  cut(a: string, b: string): void {
    this.#cut.add([a, b].sort().join());
    this.#breakLinks();
  }
  heal(): void {
    this.#cut.clear();
  }

  // What clients do.

  write(name: string): void {
    const server = this.of(name);
    if (!server.up || server.role !== "master" || server.paused) return;
    const write = `${name}:${this.#next++}`;
    const { history, writes } = server.data;
    const offset = history.offset + (server.backlog ? 1 : 0);
    server.data = { history: { ...history, offset }, writes: [...writes, write] };
    this.acknowledged.add(write);
  }

  // What happens to servers.

  save(name: string): void {
    const { data, known, role, backlog, up } = this.of(name);
    // The place in the history is saved only where there is one (rdbPopulateSaveInfo), and never its previous id.
    if (up) this.of(name).disk = { ...data, known: role === "master" ? backlog : known };
  }

  crash(name: string): void {
    this.of(name).up = false;
    this.#breakLinks();
    const left = this.held();
    for (const write of this.acknowledged) if (!left.has(write)) this.excused.add(write);
  }

  restart(name: string, empty: boolean): void {
    const server = this.of(name);
    if (server.up) return;
    const { history, writes, known } = empty ? nothing() : server.disk;
    const [peer] = this.servers.filter((one) => one !== server);
    const place = known ? { id: history.id, offset: history.offset } : { id: this.#fresh(), offset: 0 };
    Object.assign(server, {
      up: true,
      role: "replica",
      source: peer?.name,
      link: "down",
      broke: false,
      incoming: undefined,
    });
    Object.assign(server, {
      known,
      backlog: false,
      data: { history: place, writes },
      paused: false,
      uptime: this.#next++,
    });
    server.uptime = -this.#next;
  }

  /** How often time has passed, more of it than any pause lasts. */
  clock = 0;
  timePasses(): void {
    this.clock++;
    for (const server of this.servers) server.paused = false;
  }

  #breakLinks(): void {
    for (const server of this.servers) {
      const source = server.source === undefined ? undefined : this.of(server.source);
      if (source?.up && this.reaches(server.name, source.name)) continue;
      if (server.link === "up") server.broke = true;
      server.link = "down";
      server.incoming = undefined;
    }
  }

  /** One turn of a replica's own: it connects, copies what it lacks, or begins or ends a full copy. */
  replicate(name: string): void {
    const replica = this.of(name);
    if (!replica.up || replica.role === "master" || replica.source === undefined || replica.paused) return;
    const source = this.of(replica.source);
    // A replica is a source only while its own link is up (NOMASTERLINK).
    const gives = source.up && this.reaches(name, source.name) && (source.role === "master" || source.link === "up");
    if (!gives || source === replica) {
      Object.assign(replica, { broke: replica.broke || replica.link === "up", link: "down", incoming: undefined });
      return;
    }
    if (replica.incoming) {
      const { history, writes } = replica.incoming;
      const place = { id: history.id, offset: history.offset };
      Object.assign(replica, {
        data: { history: place, writes },
        incoming: undefined,
        known: true,
        backlog: true,
        link: "up",
      });
      return;
    }
    const place = replica.known ? this.#partial(replica, source) : undefined;
    if (place) {
      const missing = source.data.history.offset - replica.data.history.offset;
      const writes = [...replica.data.writes, ...(missing > 0 ? source.data.writes.slice(-missing) : [])];
      Object.assign(replica, { data: { history: place, writes }, link: "up", backlog: true });
      return;
    }
    // The first replica of a master without a backlog makes it begin a new history.
    if (!source.backlog) {
      const { offset } = source.data.history;
      source.data = { ...source.data, history: { id: this.#fresh(), offset } };
      source.backlog = true;
    }
    Object.assign(replica, { incoming: source.data, link: "down" });
  }

  /** Where the replica stands after a partial copy; undefined where only a full one will do. */
  #partial(replica: Server, source: Server): History | undefined {
    const { id, offset, previous } = replica.data.history;
    const { history } = source.data;
    if (!source.backlog) return undefined;
    const same = id === history.id && offset <= history.offset;
    const before = id === history.previous?.id && offset <= history.previous.until;
    if (!same && !before) return undefined;
    return { id: history.id, offset: history.offset, previous: same ? previous : { id, until: offset } };
  }

  // What our steps do.

  /** A server that answers `from`, or a failed step. */
  reach(from: string, name: string): Server {
    const server = this.of(name);
    if (!server.up || !this.reaches(from, name)) throw new StepFailed(`${name} does not answer`);
    return server;
  }

  promote(server: Server): void {
    if (server.role === "master") return;
    const { id, offset } = server.data.history;
    const history = { id: this.#fresh(), offset, previous: { id, until: offset } };
    Object.assign(server, { role: "master", source: undefined, link: "down", incoming: undefined, known: true });
    server.data = { ...server.data, history };
  }

  follow(server: Server, source: string | undefined): void {
    if (server.role === "replica" && server.source === source) return;
    const wasMaster = server.role === "master";
    Object.assign(server, { role: "replica", source, link: "down", broke: false, incoming: undefined });
    if (wasMaster) server.known = true;
  }

  keep(server: Server): void {
    server.dumps.push(server.data.writes);
  }

  /** Every write that some living server or some dump has. */
  held(): Set<string> {
    const living = this.servers.filter(({ up }) => up).map(({ data }) => data.writes);
    return new Set([...living, ...this.servers.flatMap(({ dumps }) => dumps)].flat());
  }

  // What our executables see.

  observe(from: string, name: string): Observation {
    const server = this.of(name);
    if (!server.up || !this.reaches(from, name))
      return { kind: "unreachable", why: "timeout", detail: `${name}: silent` };
    const { role, data, backlog } = server;
    const copies = this.servers.filter((one) => one.source === name && one.link === "up" && one.up);
    const seen: Observed = {
      ...{
        kind: "observed",
        runId: "",
        server: "redis",
        version: "7.0.15",
        uptime_s: 1e6 + server.uptime,
        role,
        keys: data.writes.length,
      },
      history: {
        ...data.history,
        ...(!backlog && (role === "master" || data.history.previous) ? { uncounted: true } : {}),
      },
      replicas: copies.map((one) => ({ host: address(one.name), port: 6379, online: true, offset: 0, lag_s: 0 })),
    };
    if (role === "master") return seen;
    const anything = data.history.offset > 0 || data.writes.length > 0;
    const link = server.link;
    seen.source = {
      ...(server.source === undefined ? { host: "127.0.0.1", port: 1 } : { host: address(server.source), port: 6379 }),
      ...{ link, syncing: server.incoming !== undefined },
      downFor_s: server.broke && link === "down" ? 1 : undefined,
      positioned: link === "up" || (server.incoming === undefined && server.known && anything),
    };
    return seen;
  }

  situation(name: string): Situation {
    const see = (one: string) => ({ name: one, host: address(one), port: 6379, seen: this.observe(name, one) });
    return {
      node: { ...see(name), holdsVip: this.holders.has(name) },
      peers: this.servers.filter((one) => one.name !== name).map((one) => see(one.name)),
      ...{ persistence: "unmanaged", isolated: false, allowDataLoss: false },
      maxMissing: { seconds: 10, bytes: 1_000_000 },
    };
  }
}

const address = (name: string): string => hosts[name] ?? name;
