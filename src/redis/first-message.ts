import { within } from "../system/within.ts";
import { subscribe } from "./commands.ts";
import { openConnection } from "./connection.ts";
import type { Endpoint } from "./session.ts";

/**
 * The first message of a channel, or undefined if none came within `wait_ms`. Rejects with a ReplyError or an Unreachable if the server
 * can't be subscribed to within `answer_ms`.
 */
export async function firstMessage(
  endpoint: Endpoint,
  channel: string,
  { answer_ms, wait_ms }: { answer_ms: number; wait_ms: number },
): Promise<string | undefined> {
  let hear = (_message: string | undefined): void => undefined;
  const message = new Promise<string | undefined>((resolve) => {
    hear = resolve;
  });
  const connection = await openConnection(endpoint, answer_ms, {
    ended: () => hear(undefined),
    pushed: (value) => {
      if (Array.isArray(value) && value[0] === "message") hear(String(value[2]));
    },
  });
  try {
    await subscribe(connection, channel);
    return await within(wait_ms, message, undefined);
  } finally {
    connection.close();
  }
}
