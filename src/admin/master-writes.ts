import { touch } from "../decide/diverged.ts";
import { compareHistories } from "../decide/history.ts";
import { keepsUp } from "../decide/situation.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Touched } from "../model/diverged.ts";
import type { Kept } from "../model/kept.ts";
import type { Observed } from "../model/observation.ts";
import type { KeyFinder } from "../redis/find-keys.ts";
import { databaseAt } from "../redis/last-select.ts";
import { observeCluster } from "../redis/observe-cluster.ts";
import { readTail } from "../redis/read-tail.ts";
import { type Endpoint, endpointOf } from "../redis/session.ts";
import { type RedisContext, Sessions } from "../redis/sessions.ts";
import { NoMaster } from "./apply-again.ts";
import { UnitReader } from "./read-units.ts";

const read_ms = 30_000;

export interface Master {
  name: string;
  endpoint: Endpoint;
  seen: Observed;
}

/** The master of the cluster. Throws NoMaster if there is none, or more than one. */
export async function theMaster(context: RedisContext): Promise<Master> {
  const { cluster, password } = context;
  const sessions = new Sessions(context);
  const { node, peers } = await observeCluster(context, sessions, { holdsVip: holdsVip(cluster) });
  sessions.closeAll();
  const masters = [node, ...peers].flatMap(({ name, seen }) =>
    seen.kind === "observed" && seen.role === "master" && !seen.loading ? [{ name, seen }] : [],
  );
  const [master] = masters;
  const found = cluster.nodes.find(({ name }) => name === master?.name);
  if (!master || !found || masters.length > 1)
    throw new NoMaster(
      masters.length > 1 ? `two nodes are master: ${masters.map(({ name }) => name).join(", ")}` : "no node is master",
      { remedy: "put that right first: the log of each node says what its hooks and checks find" },
    );
  // Where writes wait for a replica, a connection that reads the history would count as one.
  if (master.seen.needsReplicas && !master.seen.replicas.some(keepsUp))
    throw new NoMaster(`${master.name} takes no writes until a replica acknowledges (min-replicas-to-write)`, {
      remedy: "bring its replica back first, for example with `recover-master` there",
    });
  return { name: master.name, endpoint: endpointOf(cluster, found, password), seen: master.seen };
}

/** Follows what the master has touched since the parting point. */
export class MasterWrites {
  readonly touched: Touched = { keys: new Map() };
  readonly #master: Master;
  readonly #finder: KeyFinder;
  #reader: UnitReader | undefined;
  #read: number;

  constructor(master: Master, about: Kept, finder: KeyFinder) {
    this.#master = master;
    this.#finder = finder;
    this.#read = about.writes?.after ?? 0;
    this.touched.unknown = unknownBecause(master.seen, about);
    this.#selected = about.writes?.selected;
  }
  #selected: number | undefined;

  /** Reads on to this offset. */
  async readUntil(offset: number): Promise<void> {
    const { endpoint, seen } = this.#master;
    const { id } = seen.history;
    if (this.touched.unknown !== undefined || offset <= this.#read) return;
    this.#reader ??= new UnitReader(await this.#databaseAtStart());
    const reader = this.#reader;
    await readTail(endpoint, { id, after: this.#read, until: offset }, read_ms, (bytes) => reader.push(bytes));
    this.#read = offset;
    const writes = (await reader.take(this.#finder)).flat();
    touch(this.touched, writes);
    if (writes.some(({ database }) => Number.isNaN(database)))
      this.touched.unknown = "the database of the master's first writes since the parting point is not known";
  }

  async #databaseAtStart(): Promise<number> {
    if (this.#selected !== undefined) return this.#selected;
    const { endpoint, seen } = this.#master;
    const history = { id: seen.history.id, backlogFrom: seen.backlogFrom ?? 0 };
    return (await databaseAt(endpoint, history, this.#read, read_ms)) ?? Number.NaN;
  }
}

function unknownBecause({ history, backlogFrom }: Observed, { followed_history, writes }: Kept): string | undefined {
  const relation = followed_history && compareHistories(history, followed_history);
  if (!relation || !writes || (relation.kind !== "same" && relation.kind !== "ahead"))
    return "the master's history is not known to go back to the parting point";
  if (backlogFrom === undefined || backlogFrom > writes.after + 1)
    return "the master's replication backlog no longer reaches back to the parting point";
  return undefined;
}
