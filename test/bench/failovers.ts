import type { Contender } from "./contenders/contender.ts";
import type { Event } from "./events.ts";
import type { Measured } from "./results.ts";
import { type Trial, trial } from "./trial.ts";

export interface Course {
  contenders: readonly Contender[];
  events: readonly Event[];
  /** Instead of each contender's own number. */
  runs?: number | undefined;
  /** Called after each run with all that there is so far. */
  done(all: readonly Measured[], latest: string): void;
}

/** Round by round rather than one contender after the other: what the machine does meanwhile meets them all. */
export async function failovers({ contenders, events, runs, done }: Course): Promise<Measured[]> {
  const cells = contenders.flatMap((contender) =>
    events.map((event) => ({
      contender,
      event,
      runs: contender.runs(event.name) && (runs ?? contender.runs(event.name)),
      measured: { contender: contender.name, event: event.name, date: "", trials: [] as Trial[], failed: 0 },
    })),
  );
  const most = Math.max(...cells.map((cell) => cell.runs));
  for (let round = 0; round < most; round++) {
    for (const { contender, event, measured } of cells.filter((cell) => round < cell.runs)) {
      let latest = "";
      try {
        const one = await trial(contender, event);
        measured.trials.push(one);
        latest = `gap ${Math.round(one.gap_ms)} ms, lost ${one.lost}, of these in no dump ${one.gone}, two masters ${Math.round(one.twoMasters_ms)} ms`;
      } catch (error) {
        measured.failed++;
        latest = `failed: ${(error as Error).message}`;
      }
      measured.date = new Date().toISOString();
      const started = cells.map((cell) => cell.measured).filter(({ date }) => date !== "");
      done(started, `${round + 1}/${most} ${contender.name} ${event.name}: ${latest}${ending(measured.trials)}`);
    }
  }
  return cells.map((cell) => cell.measured);
}

const ending = (trials: readonly Trial[]): string => (trials.at(-1)?.settled === false ? ", without end" : "");
