import type { Plan, Row, Step } from "../model/plan.ts";
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
      return `keep a dump of our data set (${step.bytes} bytes of writes that ${step.source.name} lacks: ${step.because})`;
    case "wait-synced":
      return "wait until our replica is in sync";
    case "wait-loaded":
      return "wait until our Redis has loaded its data set";
    case "fence":
      return `hold writes back for ${step.seconds} s${step.at ? ` at ${step.at.name}` : ""}`;
    case "park":
      return "park our Redis: it copies from nobody and keeps what it has";
    case "confirm":
      return "look again, and go on only if the decision is still the same";
    case "park-on-resume":
      return "leave word for our Redis to be parked when it goes on";
    case "unfence":
      return "let writes through";
    case "drop-clients":
      return "end the sessions of our clients";
    case "persist":
      return `turn snapshots ${step.on ? "on" : "off"} at ${step.at.name}`;
  }
}

/** A step of this plan holds our clients' writes back. */
export const fencesUs = ({ steps }: Plan): boolean =>
  steps.some((step) => step.do === "quarantine" || (step.do === "fence" && step.at === undefined));

/**
 * A plan that was given up half-way may have left writes held back. The next one lets them through first, unless it holds
 * them back itself: let through in between, a second master would take some (half a second of them, `npm run chaos`).
 */
export const unfenceFirst = (givenUp: Plan | undefined, next: Plan): boolean =>
  givenUp !== undefined && fencesUs(givenUp) && !fencesUs(next);
