import { Refused, TooLate } from "../system/poll.ts";
import { Refusal } from "../cluster/errors.ts";
import { Unreachable } from "../redis/session.ts";

/** What can go wrong outside of us, told to the person at the terminal as what it is, with the way out. */
export async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Refused) throw new Refusal(error.message, { hint: error.wayOut });
    if (error instanceof TooLate || error instanceof Unreachable) {
      throw new Refusal(error.message, {
        hint: "run it again once that is put right: it goes on from wherever things are",
      });
    }
    throw error;
  }
}
