import type { Lab } from "../lab/lab.ts";
import type { Contender } from "./contenders/contender.ts";

/** What happens to the master, and what happens to it once another one has taken over. */
export interface Event {
  name: string;
  what: string;
  /** Before the measurement begins. */
  before?(lab: Lab, contender: Contender): Promise<void>;
  strike(lab: Lab, contender: Contender): Promise<void>;
  /** Undoes it, a second after the take-over. From here on both can be writable for everyone to reach. */
  mend?(lab: Lab): Promise<void>;
}

export const tookOver = ({ lab, contender }: { lab: Lab; contender: Contender }): Promise<void> =>
  lab.until(async () => (await lab.server12.role()) === "master", contender.takeOver_s, "server12 is master");

export const events: readonly Event[] = [
  { name: "crash", what: "kill -9 of the master's Redis", strike: ({ server11 }) => server11.killRedis() },
  {
    name: "hang",
    what: "SIGSTOP of the master's Redis; it goes on a second after the take-over",
    strike: ({ server11 }) => server11.hangRedis(),
    mend: ({ server11 }) => server11.resumeRedis(),
  },
  {
    name: "cut",
    what: "the master's host is cut off without a word; it is back a second after the take-over",
    strike: ({ server11 }) => server11.cutOff({ silently: true }),
    mend: ({ server11 }) => server11.heal(),
  },
  { name: "move", what: "planned switchover", strike: (lab, { move }) => move(lab) },
  {
    name: "return",
    what: "the killed master's Redis is started again, a second after the take-over",
    before: async (lab, contender) => {
      await lab.server11.killRedis();
      await tookOver({ lab, contender });
    },
    strike: (lab, { comeBack }) => comeBack(lab),
  },
];
