import type { Session } from "../../redis/session.ts";

/**
 * The kernel repeats a lost SYN only after a second. A new attempt every `every_ms`, beside those that still wait, finds the virtual IP as
 * soon as it leads to a server. Resolves to the first session, or to undefined once `wanted` is false. Never rejects.
 */
export function connectSoon(
  open: () => Promise<Session>,
  every_ms: number,
  wanted: () => boolean,
): Promise<Session | undefined> {
  return new Promise((resolve) => {
    let over = false;
    const end = (session?: Session) => {
      if (over) return session?.close();
      over = true;
      clearInterval(timer);
      resolve(session);
    };
    const attempt = () => (wanted() ? void open().then(end, () => undefined) : end());
    const timer = setInterval(attempt, every_ms);
    attempt();
  });
}
