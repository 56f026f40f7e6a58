import { type Part, partsOfHistory } from "../../decide/backlogs.ts";
import { touch } from "../../decide/diverged.ts";
import { compareHistories } from "../../decide/history.ts";
import { keepsUp } from "../../decide/situation.ts";
import { holdsVip } from "../../keepalived/virtual-ip.ts";
import type { Touched } from "../../model/diverged.ts";
import type { Kept } from "../../model/kept.ts";
import type { Observed } from "../../model/observation.ts";
import type { KeyFinder } from "../../redis/find-keys.ts";
import { databaseAt } from "../../redis/last-select.ts";
import { observeCluster } from "../../redis/observe-cluster.ts";
import { readTail } from "../../redis/read-tail.ts";
import { type Endpoint, endpointOf } from "../../redis/session.ts";
import { type RedisContext, Sessions } from "../../redis/sessions.ts";
import { NoMaster } from "./apply-again.ts";
import { UnitReader } from "./read-units.ts";

const read_ms = 30_000;

interface Server {
  endpoint: Endpoint;
  seen: Observed;
}

export interface Master extends Server {
  name: string;
  /** Those whose link is up. */
  replicas: Server[];
}

/** The master of the cluster. Throws NoMaster if there is none, or more than one. */
export async function theMaster(context: RedisContext): Promise<Master> {
  const { cluster, password } = context;
  const sessions = new Sessions(context);
  const { node, peers } = await observeCluster(context, sessions, { holdsVip: holdsVip(cluster) });
  sessions.closeAll();
  const servers = [node, ...peers].flatMap(({ name, seen }) => {
    const known = cluster.nodes.find((one) => one.name === name);
    return known && seen.kind === "observed" ? [{ name, seen, endpoint: endpointOf(cluster, known, password) }] : [];
  });
  const masters = servers.filter(({ seen }) => seen.role === "master" && !seen.loading);
  const [master] = masters;
  if (!master || masters.length > 1)
    throw new NoMaster(
      masters.length > 1 ? `two nodes are master: ${masters.map(({ name }) => name).join(", ")}` : "no node is master",
      { remedy: "put that right first: the log of each node says what its hooks and checks find" },
    );
  // Where writes wait for a replica, a connection that reads the history would count as one.
  if (master.seen.needsReplicas && !master.seen.replicas.some(keepsUp))
    throw new NoMaster(`${master.name} takes no writes until a replica acknowledges (min-replicas-to-write)`, {
      remedy: "bring its replica back first, for example with `recover-master` there",
    });
  return { ...master, replicas: servers.filter(({ seen }) => seen.role === "replica" && seen.source?.link === "up") };
}

/** Follows what the master has touched since the parting point. */
export class MasterWrites {
  readonly touched: Touched = { keys: new Map() };
  readonly #master: Master;
  readonly #parts: Part<Server>[];
  readonly #finder: KeyFinder;
  #reader: UnitReader | undefined;
  #read: number;

  constructor(master: Master, about: Kept, finder: KeyFinder) {
    this.#master = master;
    this.#finder = finder;
    const parting = partingPoint(about);
    this.#read = parting ?? 0;
    const parts = parting === undefined ? undefined : partsOfHistory<Server>(master, master.replicas, parting);
    this.#parts = parts ?? [];
    this.touched.unknown = unknownBecause(master.seen, about, parting, parts);
    this.#selected = about.writes?.selected;
  }
  #selected: number | undefined;

  /** This transaction is in the master's history. */
  hasMark = (mark: string): boolean => this.#reader?.marks.has(mark) === true;

  /** Reads on to this offset. */
  async readUntil(offset: number): Promise<void> {
    const { id } = this.#master.seen.history;
    if (this.touched.unknown !== undefined || offset <= this.#read) return;
    this.#reader ??= new UnitReader(await this.#databaseAtStart());
    const reader = this.#reader;
    for (const part of this.#parts) {
      const until = Math.min(part.until, offset);
      if (until <= this.#read) continue;
      await readTail(part.from.endpoint, { id, after: this.#read, until }, read_ms, (bytes) => reader.push(bytes));
      this.#read = until;
    }
    const writes = (await reader.take(this.#finder)).flat();
    touch(this.touched, writes);
    if (writes.some(({ database }) => Number.isNaN(database)))
      this.touched.unknown = "the database of the master's first writes since the parting point is not known";
  }

  async #databaseAtStart(): Promise<number> {
    if (this.#selected !== undefined) return this.#selected;
    const { endpoint, seen } = this.#parts[0]?.from ?? this.#master;
    const history = { id: seen.history.id, backlogFrom: seen.backlogFrom ?? 0 };
    return (await databaseAt(endpoint, history, this.#read, read_ms)) ?? Number.NaN;
  }
}

/** The last offset that both sides have in common; undefined if it is not known. */
function partingPoint({ writes, history, followed_history }: Kept): number | undefined {
  if (writes) return writes.after;
  const relation = history && followed_history && compareHistories(history, followed_history);
  if (relation?.kind === "diverged") return relation.at;
  return relation?.kind === "ahead" ? history && history.offset - relation.ours : undefined;
}

function unknownBecause(
  { history }: Observed,
  { followed_history }: Kept,
  parting: number | undefined,
  parts: readonly unknown[] | undefined,
): string | undefined {
  const relation = followed_history && compareHistories(history, followed_history);
  if (!relation || parting === undefined || (relation.kind !== "same" && relation.kind !== "ahead"))
    return "the master's history is not known to go back to the parting point";
  if (!parts) return "the master's replication backlog no longer reaches back to the parting point";
  return undefined;
}
