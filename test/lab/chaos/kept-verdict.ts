/** Why a write that is not on the master is no loss, or what is wrong with that. */
export type Finding = { cause: string } | { unexplained: string };

/** A file of the quarantine that has a write which the master lacks, and what `diverged apply --dry-run` says of that write. */
export type Place =
  | { is: "in a dump"; file: string; because: string | undefined }
  /** The test itself has removed the disk with the file. */
  | { is: "taken away"; file: string }
  | { is: "a conflict"; file: string; why: string }
  | { is: "not applied"; file: string }
  | { is: "applied"; file: string }
  | { is: "refused"; file: string; why: string };

/** Of a key that only one side changed these are wrong. */
const ofBothSides = [
  "both sides changed this key",
  "an earlier write of this key is not applied",
  "it may change any key",
];

/**
 * Judges an acknowledged write that is not on the master, with `failover.diverged_writes = "apply"`. Undefined: it is kept nowhere.
 * `shared`: both sides change its key. `ended`: the test has ended a Redis in this round.
 */
export function verdictOf(places: readonly Place[], shared: boolean, ended: boolean): Finding | undefined {
  const found = places.map((place) => findingOf(place, shared, ended));
  // A write that should have been applied is wrong wherever else it is kept.
  const wrong = found.find(
    (_, index) => ["a conflict", "not applied"].includes(places[index]?.is ?? "") && !ok(found[index]),
  );
  return wrong ?? found.find(ok) ?? found[0];
}

const ok = (finding: Finding | undefined): boolean => finding !== undefined && "cause" in finding;

function findingOf(place: Place, shared: boolean, ended: boolean): Finding {
  const { file } = place;
  switch (place.is) {
    case "in a dump":
      return place.because === undefined
        ? { unexplained: `the whole data set is kept in ${file}, and nothing says why not the writes` }
        : { cause: `in a dump: ${place.because}` };
    case "taken away":
      return { cause: "kept on a disk that the test removed" };
    case "a conflict":
      return !shared && ofBothSides.includes(place.why)
        ? { unexplained: `only one side changed the key, and ${file} says of it: ${place.why}` }
        : { cause: `a conflict: ${place.why}` };
    case "not applied":
      return { unexplained: `it is kept in ${file} and can be applied, and was not` };
    case "applied":
      return ended
        ? { cause: "applied, and a Redis was ended later; it is still kept" }
        : { unexplained: `it was applied, says ${file}, and is not on the master` };
    case "refused":
      return { unexplained: `it is kept in ${file}, and a dry run is refused: ${place.why}` };
  }
}
