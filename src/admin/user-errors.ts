import { CommandRefused } from "../cluster/errors.ts";
import { StepRefused } from "../failover/errors.ts";
import { Unreachable } from "../redis/session.ts";
import { DeadlinePassed } from "../system/poll.ts";
import { CommandFailed } from "../system/run-command.ts";

/** What can go wrong outside of this process, as an error of one line with its remedy. */
export async function withUserErrors<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StepRefused) throw new CommandRefused(error.message, { remedy: error.remedy });
    if (error instanceof CommandFailed) {
      throw new CommandRefused(error.message, {
        remedy:
          "run it by hand to see why, or name another one under [commands] of the cluster file; then run this again",
      });
    }
    if (error instanceof DeadlinePassed || error instanceof Unreachable) {
      throw new CommandRefused(error.message, {
        remedy: "put that right and run this again: it goes on from where it was",
      });
    }
    throw error;
  }
}
