import type { Plan, Row, Step } from "../model/plan.ts";

/** The plan of the first row that fits. */
export function firstFit<Facts>(table: readonly Row<Facts>[], facts: Facts): Plan {
  for (const row of table) if (row.fits(facts)) return { row: row.when, ...row.plan(facts) };
  throw new Error("a decision table without a last row");
}

/** A step in words, for logs, --dry-run and the docs. */
export function describe(step: Step): string {
  switch (step.do) {
    case "promote":
      return `make ${step.at.name} a master`;
    case "hand-over":
      return `take the master role over from ${step.from.name}: pause its writes, wait until both histories are equal, swap roles`;
    case "follow":
      return `make ${step.at.name} a replica of ${step.source.name}`;
    case "quarantine":
      return `keep ${step.bytes === undefined ? "a dump of the local data set" : "the diverged writes"}: ${atStakeInWords(step)} (${step.because})`;
    case "wait-synced":
      return "wait until the local replica is in sync";
    case "wait-answer":
      return "wait until the peers answer";
    case "wait-loaded":
      return "wait until the local Redis has loaded its data set";
    case "fence":
      return `hold writes back for ${step.seconds} s${step.at ? ` at ${step.at.name}` : ""}`;
    case "resign":
      return `resign, so that the virtual IP moves to ${step.to.name}`;
    case "park":
      return "park the local Redis: it copies from nobody and keeps its data";
    case "confirm":
      return "decide again, and go on only if the decision is still the same";
    case "park-on-resume":
      return "send the local Redis the commands to park, which it will read when it resumes";
    case "fence-on-resume":
      return `send ${step.at.name} the command to hold writes back for ${step.seconds} s, which it will read when it resumes`;
    case "unfence":
      return `let writes through${step.at ? ` at ${step.at.name}` : ""}`;
    case "drop-clients":
      return "end the sessions of clients of the local Redis";
    case "persist":
      return `turn snapshots ${step.on ? "on" : "off"} at ${step.at.name}`;
  }
}

/** What following the other server would overwrite. */
export const atStakeInWords = ({ bytes, source }: Extract<Step, { do: "quarantine" }>): string =>
  bytes === undefined
    ? `it can't be compared with that of ${source.name}, so nobody knows whether writes would be lost`
    : `${source.name} lacks the last ${bytes} bytes of its history`;

/** A step of this plan holds the writes of the local Redis back. */
export const fencesLocal = ({ steps }: Plan): boolean =>
  steps.some((step) => step.do === "quarantine" || (step.do === "fence" && step.at === undefined));

/**
 * A plan that stopped half-way may have left a fence. It is lifted before the next plan, unless that one fences as well:
 * in between a second master would accept writes (half a second of them, found by `npm run chaos`).
 */
export const unfenceFirst = (givenUp: Plan | undefined, next: Plan): boolean =>
  givenUp !== undefined && fencesLocal(givenUp) && !fencesLocal(next);
