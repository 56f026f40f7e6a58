// Why a mutant does the same as what it replaces.
const narrowing = "for the compiler: no other kind of observation gets here, or it has no such field";
const hasSource = "what is optional in the type is always there on a replica, and only replicas get here";
const unused = "the value is never used where this one stands in for it";

const backupFits =
  "backupTable / the local Redis copies from a node that is not master: park it until the histories have been compared / fits";
const masterFits = "masterTable / a new cluster (every node answers, none has data): promote the local Redis / fits";
const stopFits =
  "stopTable / the local Redis is master and a replica can take over: hold writes back until it has / fits";

/** Mutants of src/decide that no test can notice: the reason of each, by its key (`npm run mutants -- --list --all`). */
export const equivalent: Readonly<Record<string, string>> = {
  "facts.ts: losesNothing: ...node -> nothing":
    "only the reading of that server is looked at; the rest is for its type",
  "facts.ts: copiedUntilRestart: replica.source?.downFor_s -> replica.source.downFor_s": hasSource,
  [`on-backup.ts: ${backupFits}: facts.ours.source?.syncing -> facts.ours.source.syncing`]: hasSource,
  [`on-backup.ts: ${backupFits}: facts.ours.source?.link -> facts.ours.source.link`]: hasSource,
  [`on-master.ts: ${masterFits}: seen.kind === "observed" && empty(seen) -> empty(seen)`]: narrowing,
  "on-master.ts: rejectingMaster / source: facts.ours.source?.link -> facts.ours.source.link": hasSource,
  "on-master.ts: handOverMasters / source: ours.source?.link -> ours.source.link": hasSource,
  "on-master.ts: linkDownInWords: ours.source?.downFor_s -> ours.source.downFor_s": hasSource,
  [`on-stop.ts: ${stopFits}: seen.source?.link -> seen.source.link`]: hasSource,
  'recovery.ts: recovery: seen.kind === "observed" && seen.role === "master" -> seen.role === "master"': narrowing,
  "recovery.ts: recovery: source && second -> second": "there is no second master without a first one",
  'recovery.ts: recovery: seen.kind === "observed" -> false': narrowing,
  'recovery.ts: recovery: "observed" -> "" (2)': narrowing,
  'recovery.ts: recovery: "" -> "something"': unused,
  "situation.ts: stalled: source.silentFor_s ?? 0 -> source.silentFor_s": "undefined >= 5 is false, and so is 0 >= 5",
  "situation.ts: stalled: 0 -> 1": "1 >= 5 is false, and so is 0 >= 5",
  "situation.ts: positioned: seen.source?.positioned -> seen.source.positioned": hasSource,
  'switchover.ts: switchover: silent && silent.kind !== "observed" -> silent': narrowing,
  'switchover.ts: switchover: "observed" -> ""': narrowing,
  "switchover.ts: switchover: to.seen.source?.link -> to.seen.source.link": hasSource,
  "switchover.ts: switchover / lag: master.seen.replicas.find(({ host }) => host === to.host)?.lag_s ?? 0 -> master.seen.replicas.find(({ host }) => host === to.host)?.lag_s":
    "undefined > 3 is false, and so is 0 > 3",
  "switchover.ts: switchover / lag: 0 -> 1": "1 > 3 is false, and so is 0 > 3",
  'transition.ts: decide / idle / row: silent?.row ?? "" -> silent?.row': unused,
  'transition.ts: decide / idle / row: "" -> "something"': unused,
  'transition.ts: decide / asleep: seen.kind === "unreachable" && seen.why === "timeout" -> seen.why === "timeout"':
    narrowing,
  'transition.ts: decide: silent || seen.kind !== "observed" -> silent': narrowing,
  "transition.ts: decide: silent ?? idle -> silent": narrowing,
  "two-masters.ts: weStay: relation.ours > relation.theirs -> relation.ours >= relation.theirs":
    "where both took as many, the holder has been named before",
  "verdict.ts: ownVerdict: seen.source?.link -> seen.source.link": hasSource,
  'verdict.ts: sourceIsNoMaster / source: ours.kind === "observed" -> true': narrowing,
  'verdict.ts: newPair: node.seen.kind === "observed" && node.seen.keys === 0 -> node.seen.keys === 0': narrowing,
  'verdict.ts: newPair: seen.kind === "observed" && empty(seen) -> empty(seen)': narrowing,
  "verdict.ts: linkDetail: source?.host -> source.host": hasSource,
  "verdict.ts: linkDetail: source?.port -> source.port": hasSource,
  "verdict.ts: linkDetail: source?.link -> source.link": hasSource,
  "verdict.ts: linkDetail: source?.syncing -> source.syncing": hasSource,
};
