import type { Fact } from "../../model/doctor.ts";
import { ReplyError } from "../../redis/session.ts";

/** What a reading gives, or in words why it failed. */
export async function fact<T>(what: string, read: () => Promise<T> | T): Promise<Fact<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    return {
      unknown: `${what}: ${error instanceof ReplyError ? `Redis answers ${error.code}` : (error as Error).message}`,
    };
  }
}
