import { CommandRefused } from "../cluster/errors.ts";
import { StepRefused } from "../failover/errors.ts";
import { Unreachable } from "../redis/session.ts";
import { DeadlinePassed } from "../system/poll.ts";

/** What can go wrong outside of us, told to the person at the terminal as what it is, with the way out. */
export async function withUserErrors<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StepRefused) throw new CommandRefused(error.message, { remedy: error.remedy });
    if (error instanceof DeadlinePassed || error instanceof Unreachable) {
      throw new CommandRefused(error.message, {
        remedy: "run it again once that is put right: it goes on from wherever things are",
      });
    }
    throw error;
  }
}
