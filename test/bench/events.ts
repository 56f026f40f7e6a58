import type { Lab } from "../lab/lab.ts";
import { monotonic_ms, sleep } from "../lab/machine/process.ts";
import type { Contender } from "./contenders/contender.ts";

/** What happens to the master, and what happens to it once another one has taken over. */
export interface Event {
  name: string;
  what: string;
  /** For a table. */
  short: string;
  /** Before the measurement begins. */
  before?(lab: Lab, contender: Contender): Promise<void>;
  strike(lab: Lab, contender: Contender): Promise<void>;
  /** Undoes it, a second after the take-over. From here on both can be writable for everyone to reach. */
  mend?(lab: Lab): Promise<void>;
}

const look_ms = 50;

/** Looks now and then only: each look is work for the server that is to take over. */
export async function tookOver({ lab, contender }: { lab: Lab; contender: Contender }): Promise<void> {
  const end_ms = monotonic_ms() + contender.takeOver_s * 1000;
  do {
    await sleep(look_ms);
    if ((await lab.server12.role()) === "master") return;
  } while (monotonic_ms() < end_ms);
  throw new Error(`server12 is not master within ${contender.takeOver_s} s`);
}

export const events: readonly Event[] = [
  {
    name: "crash",
    what: "kill -9 of the master's Redis",
    short: "master's Redis killed",
    strike: ({ server11 }) => server11.killRedis(),
  },
  {
    name: "hang",
    what: "SIGSTOP of the master's Redis; it goes on a second after the take-over",
    short: "master's Redis hangs, and resumes",
    strike: ({ server11 }) => server11.hangRedis(),
    mend: ({ server11 }) => server11.resumeRedis(),
  },
  {
    name: "cut",
    what: "the master's host is cut off and says nothing; it is back a second after the take-over",
    short: "master's host cut off, and back",
    strike: ({ server11 }) => server11.cutOff({ silently: true }),
    mend: ({ server11 }) => server11.heal(),
  },
  {
    name: "move",
    what: "planned switchover",
    short: "planned switchover",
    strike: (lab, { move }) => move(lab),
  },
  {
    name: "return",
    what: "the killed master's Redis is started again, a second after the take-over",
    short: "killed master's Redis started again",
    before: async (lab, contender) => {
      await lab.server11.killRedis();
      await tookOver({ lab, contender });
    },
    strike: (lab, { comeBack }) => comeBack(lab),
  },
];
