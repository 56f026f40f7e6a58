import type { Prediction } from "../../model/doctor-report.ts";
import type { DrillPart, DrillReport, DrillResult, DrillStep } from "../../model/drill.ts";

/** How long clients get no answer in this part, at most, by the settings; null where nothing is predicted. */
export function predicted_ms(part: DrillPart, prediction: Prediction | null): number | null {
  if (part === "there" || part === "back") return inMs(prediction?.planned_move_s);
  return part === "kill" ? inMs(prediction?.redis_killed_s) : null;
}

const inMs = (seconds: number | undefined): number | null =>
  seconds === undefined ? null : Math.round(seconds * 1000);

export interface Drilled extends Pick<DrillReport, "master" | "replica" | "steps"> {
  /** Why it was not completed, and where that left the pair; undefined if it was. */
  failure: string | undefined;
}

interface ConclusionRow {
  when: string;
  fits(drilled: Drilled): boolean;
  result: DrillResult;
  words(drilled: Drilled): string;
}

const isSlow = ({ gap_ms, predicted_ms: limit }: DrillStep): boolean =>
  Number(gap_ms) > (limit ?? Number.POSITIVE_INFINITY);

const lostIn = (steps: readonly DrillStep[], planned: boolean): number =>
  steps.filter(({ part }) => (part === "kill") !== planned).reduce((sum, { lost }) => sum + Number(lost), 0);

const writes = (count: number): string => `${count} acknowledged ${count === 1 ? "write" : "writes"}`;

/** The first row that fits decides. Only a lost write of a planned move, or a step that failed, makes a drill fail. */
export const conclusionTable: readonly ConclusionRow[] = [
  {
    when: "it was stopped, or a step failed: failed",
    fits: ({ failure }) => failure !== undefined,
    result: "failed",
    words: ({ failure }) => String(failure),
  },
  {
    when: "a planned move lost an acknowledged write: lost",
    fits: ({ steps }) => lostIn(steps, true) > 0,
    result: "lost",
    words: ({ steps }) => `a planned move lost ${writes(lostIn(steps, true))}`,
  },
  {
    when: "a time without an acknowledged write was longer than predicted: slow",
    fits: ({ steps }) => steps.some(isSlow),
    result: "slow",
    words: (drilled) => `${withRoles(drilled)}, but clients waited for longer than predicted${crashCost(drilled)}`,
  },
  {
    when: "otherwise: good",
    fits: () => true,
    result: "good",
    words: (drilled) => `${withRoles(drilled)}${crashCost(drilled) || ", and nothing is lost"}`,
  },
];

const withRoles = ({ master, replica }: Drilled): string => `${master} is master again, ${replica} its replica`;

/** Replication is asynchronous, so a crash may cost the last writes. */
function crashCost({ steps }: Drilled): string {
  const lost = lostIn(steps, false);
  return lost > 0 ? `; ${writes(lost)} died with the killed Redis` : "";
}

export function conclusion(drilled: Drilled): Pick<DrillReport, "result" | "conclusion"> {
  const row = conclusionTable.find(({ fits }) => fits(drilled)) as ConclusionRow;
  return { result: row.result, conclusion: row.words(drilled) };
}
