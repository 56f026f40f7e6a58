import type { Event } from "../events.ts";
import { type ClientTrial, clientTrial, probeFolder } from "./client-trial.ts";
import type { Library, Program } from "./libraries.ts";

/** What was measured of one setting of one library at one event. */
export interface MeasuredClient {
  /** Its name in libraries.ts. */
  library: string;
  version: string;
  setting: string;
  event: string;
  /** ISO date of the last run. */
  date: string;
  trials: ClientTrial[];
}

/** The events that the applications' libraries meet unless others are named. */
export const clientEvents = ["crash", "hang", "move"];

export interface ClientCourse {
  libraries: readonly Library[];
  events: readonly Event[];
  runs: number;
  /** Called after each run with all that there is so far. */
  done(all: readonly MeasuredClient[], latest: string): void;
}

/** Round by round, as the failovers. Resolves to the number of runs that ended in an error. */
export async function clients({ libraries, events, runs, done }: ClientCourse): Promise<number> {
  const all: MeasuredClient[] = [];
  const programs = new Map<Library, Program>();
  for (const library of libraries) {
    await library.prepare(probeFolder).then(
      (program) => programs.set(library, program),
      () => done(all, `${library.name} is not here: ${library.install}`),
    );
  }
  let failed = 0;
  for (let round = 1; round <= runs; round++)
    for (const [library, program] of programs)
      for (const event of events) {
        const outcomes = await clientTrial(program, library.settings, event).catch((error: Error) => error);
        if (outcomes instanceof Error) {
          failed++;
          done(all, `${round}/${runs} ${library.name} ${event.name} failed: ${outcomes.message}`);
          continue;
        }
        for (const { setting, version, trial } of outcomes) {
          const measured = cellOf(all, { library: library.name, version, setting, event: event.name });
          measured.trials.push(trial);
          measured.date = new Date().toISOString();
        }
        const gaps = outcomes.map(({ setting, trial }) => `${setting} ${trial.gap_ms ?? "never"}`).join(", ");
        done(all, `${round}/${runs} ${library.name} ${event.name}: ${gaps} ms, load ${outcomes[0]?.trial.load}`);
      }
  return failed;
}

function cellOf(all: MeasuredClient[], cell: Omit<MeasuredClient, "date" | "trials">): MeasuredClient {
  const found = all.find((one) => sameCell(one, cell));
  if (found) return found;
  const fresh = { ...cell, date: "", trials: [] };
  all.push(fresh);
  return fresh;
}

const sameCell = (one: Pick<MeasuredClient, "library" | "setting" | "event">, other: typeof one): boolean =>
  one.library === other.library && one.setting === other.setting && one.event === other.event;

/** In the order of the libraries, the newly measured in place of what there was. */
export function mergedClients(
  before: readonly MeasuredClient[],
  fresh: readonly MeasuredClient[],
  libraries: readonly Library[],
): MeasuredClient[] {
  const all = [...before.filter((one) => !fresh.some((other) => sameCell(one, other))), ...fresh];
  const place = ({ library }: MeasuredClient) => libraries.findIndex(({ name }) => name === library);
  return all.sort((one, other) => place(one) - place(other));
}
