import type { Fact } from "../../model/doctor.ts";
import { ReplyError } from "../../redis/session.ts";

/** What a host or a server need not have. */
export class NotThere extends Error {}

/** What a reading gives, or in words why it failed. */
export async function fact<T>(what: string, read: () => Promise<T> | T): Promise<Fact<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    return {
      unknown: `${what}: ${error instanceof ReplyError ? `Redis answers ${error.code}` : (error as Error).message}`,
      ...(isHarmless(error) && { harmless: true }),
    };
  }
}

/** A right that is not given: the check `commands` knows those that a failover needs. */
const isHarmless = (error: unknown): boolean =>
  error instanceof NotThere ||
  (error instanceof ReplyError && (error.code === "NOPERM" || /^ERR unknown /i.test(error.message)));
