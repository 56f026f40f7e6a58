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

/** The result, or after the deadline `late`. Never rejects later. */
export async function within<T>(deadline_ms: number, work: Promise<T>, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late), deadline_ms);
  });
  return Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}
