import { ReplyError } from "../../../src/redis/session.ts";
import type { WriteReport } from "../client/write-report.ts";
import { valueFor } from "../client/writer-options.ts";
import type { Lab } from "../lab.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import { missingFrom, type Written } from "./dumps.ts";
import { findInDumps, findWithReason } from "./find-kept.ts";
import type { KeptFiles } from "./kept-files.ts";
import type { Finding } from "./kept-verdict.ts";
import type { LossCause, LossCauses } from "./loss-causes.ts";
import { sideKeys, sidePrefix } from "./redis-load.ts";
import { lastValuesLostOn, type SharedWrite } from "./shared-keys.ts";
import type { RestoredPair } from "./wait-for-pair.ts";

export interface Account {
  /** The number of keys that are not on the master, by cause. */
  explained: Record<string, number>;
  unexplained: Record<string, string[]>;
  problems: string[];
}

// All keys of a round are checked at its end, and so many of them at the end of each later round.
const sampleSize = 100;
/**
 * What is known to be missing must be younger than that, or a person must allow it: failover.max_missing_seconds, and what the served record
 * does not know yet: it is written every 2 s, at a check, and none can read a Redis that a script blocks.
 */
const mayBeMissing_ms = 14_000;
/** What lacks less than that must be served without a person: failover.max_missing_seconds, without the same uncertainty. */
const mustBeServed_ms = 5000;
const deletionsKey = "chaos:deletions";

/** Accounts for every acknowledged write. Writes that survived a round must survive the later ones, too. */
export class Accounting {
  readonly #lab: Lab;
  readonly #files: KeptFiles | undefined;
  #kept: Written[] = [];
  /** How many times keys were deleted: `deletionsKey` has it afterwards. */
  #deletions = 0;

  /** `files`: diverged writes are applied, and each that is not must be in one of these, with a reason. */
  constructor(lab: Lab, files: KeptFiles | undefined) {
    this.#lab = lab;
    this.#files = files;
  }

  /** Some keys that all servers have, and that were served for so long that no data without them may be served. */
  oldKeys(now_ms: number): string[] {
    const old = this.#servedBefore(now_ms);
    return [0, 0.25, 0.5, 0.75, 1].flatMap((part) => old[Math.round(part * (old.length - 1))]?.key ?? []);
  }

  #servedBefore(now_ms: number): Written[] {
    return this.#kept.filter(({ at_ms }) => now_ms - at_ms > mayBeMissing_ms);
  }

  async account(
    { own, shared }: { own: readonly WriteReport[]; shared: readonly SharedWrite[] },
    { master, replicas, allowed }: RestoredPair,
    lossCauses: LossCauses,
    begin_ms: number,
  ): Promise<Account> {
    const fresh = own.flatMap(writtenOf);
    const all = [...this.#kept, ...fresh];
    const missing = await missingAt(master, all);
    const problems: string[] = [];
    for (const replica of replicas) {
      const { length } = await missingAt(replica, all);
      if (missing.length !== length)
        problems.push(`the replica ${replica.name} lacks ${length} keys, its master ${master.name} ${missing.length}`);
    }
    const ofShared = await twice(() => lastValuesLostOn(master, shared));
    problems.push(...ofShared.problems);
    const account: Account = { explained: {}, unexplained: {}, problems };
    // No data without these may be served, whatever was kept.
    const served = new Set(allowed.length > 0 ? [] : this.#servedBefore(begin_ms));
    const mayBeKept = missing.filter((one) => !served.has(one));
    const kept = this.#files
      ? await findWithReason(this.#files, mayBeKept, ofShared.lost, lossCauses.anyEnded)
      : await findInDumps(this.#lab.servers, mayBeKept, begin_ms);
    for (const [one, finding] of kept) add(account, one, finding, begin_ms);
    const gone = [...missing, ...ofShared.lost].filter((one) => !kept.has(one));
    const old = new Set(this.#kept);
    const causeOfOld = lossCauses.ofOldWrite(begin_ms);
    let longestAge_ms = 0;
    for (const one of gone) {
      const found = old.has(one) ? causeOfOld : lossCauses.ofWrite(one.at_ms, one.runId);
      if ("cause" in found) longestAge_ms = Math.max(longestAge_ms, found.ended_ms - one.at_ms);
      add(account, one, allowed.length > 0 ? found : withAge(found, one), begin_ms);
    }
    // An empty server may have lost its disk. A person must say that the data set was empty.
    const allEmpty = allowed.length > 0 && allowed.every((why) => why.includes("link down, 0 keys"));
    if (allowed.length > 0 && !allEmpty && longestAge_ms < mustBeServed_ms && !(await this.#deletionsAreLost(master)))
      problems.push(
        `--allow-data-loss was needed, though no more than ${Math.round(longestAge_ms)} ms were missing: ${allowed.join("; ")}`,
      );
    const isGone = new Set(missing);
    const here = all.filter((one) => !isGone.has(one));
    await this.#deleteMost(here, fresh, shared, master, replicas);
    return account;
  }

  /** The data set is from before the end of the deletions after the last round, so it lacks more than writes of this one. */
  async #deletionsAreLost(master: Server): Promise<boolean> {
    if (this.#deletions === 0) return false;
    const [last] = await askAll(master, [["GET", deletionsKey]]);
    return Number(last) !== this.#deletions;
  }

  /** Deletes most of the new keys. Otherwise a lab would, after hundreds of rounds, spend its time copying old keys. */
  async #deleteMost(
    here: readonly Written[],
    fresh: readonly Written[],
    shared: readonly SharedWrite[],
    master: Server,
    replicas: readonly Server[],
  ): Promise<void> {
    const isFresh = new Set(fresh);
    const step = Math.max(1, Math.floor(here.length / sampleSize));
    this.#kept = here.filter((one, index) => !isFresh.has(one) || index % step === 0);
    const keep = new Set(this.#kept);
    const go = here.filter((one) => !keep.has(one)).map(({ key }) => key);
    go.push(...new Set(shared.map(({ key }) => key)));
    for (let number = 0; number < sideKeys; number++) go.push(`${sidePrefix}:${number}`);
    // An applied write was acknowledged long before it was served: until now it counts as new.
    const now_ms = monotonic_ms();
    if (this.#files) this.#kept = this.#kept.map((one) => (isFresh.has(one) ? { ...one, at_ms: now_ms } : one));
    const deletions = Array.from({ length: Math.ceil(go.length / 1000) }, (_, index) => [
      "UNLINK",
      ...go.slice(1000 * index, 1000 * (index + 1)),
    ]);
    await twice(() => askAll(master, [...deletions, ["SET", deletionsKey, String(this.#deletions + 1)]]));
    this.#deletions++;
    for (const replica of replicas) await sameOffset(this.#lab, master, replica);
  }
}

/** The end of a server explains no loss of what was served long before: such data may not be served without a person's word. */
function withAge(found: LossCause, { at_ms }: Written): LossCause {
  if (!("cause" in found) || found.ended_ms - at_ms <= mayBeMissing_ms) return found;
  return { unexplained: `older data was served, and nobody allowed it (${found.cause})` };
}

function add({ explained, unexplained }: Account, { key, at_ms }: Written, found: Finding, begin_ms: number): void {
  if ("cause" in found) {
    explained[found.cause] = (explained[found.cause] ?? 0) + 1;
    return;
  }
  const keys = unexplained[found.unexplained] ?? [];
  unexplained[found.unexplained] = keys;
  keys.push(`${key} at ${(at_ms - begin_ms).toFixed(0)} ms`);
}

/** A Keepalived that was resumed may still move the role, which ends the sessions of all clients: then tries again. */
const twice = <T>(work: () => Promise<T>): Promise<T> => work().catch(() => sleep(2000).then(work));

/** Rejects if one of the commands is refused: what was not carried out must not count as done. */
async function askAll(server: Server, commands: readonly (readonly string[])[]): Promise<unknown[]> {
  const socket = server.redisSocket();
  try {
    const replies: unknown[] = [];
    for (const command of commands) {
      const reply = await socket.ask(command, 10_000);
      if (reply instanceof ReplyError) throw new Error(`${server.name}: ${command[0]}: ${reply.message}`);
      replies.push(reply);
    }
    return replies;
  } finally {
    socket.close();
  }
}

const missingAt = (server: Server, writes: Written[]): Promise<Written[]> =>
  twice(() => missingFrom(writes, server.redisSocket()));

export async function sameOffset(lab: Lab, master: Server, replica: Server): Promise<void> {
  const offset = async (server: Server) => Number((await server.info())?.master_repl_offset ?? Number.NaN);
  const offsetOfMaster = await offset(master);
  const reached = async () => (await offset(replica)) >= offsetOfMaster;
  await lab.until(reached, 15, `${replica.name} has the offset of ${master.name}`);
}

function writtenOf(report: WriteReport): Written[] {
  const { acknowledgements: acks, keyPrefix } = report;
  return Array.from({ length: acks.count }, (_, index) => ({
    key: `${keyPrefix}:${acks.key(index)}`,
    value: valueFor(acks.key(index), report),
    at_ms: acks.time_ms(index),
    runId: report.runIdOf(index),
  }));
}
