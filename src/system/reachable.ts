import { createConnection } from "node:net";

/**
 * Whether one of these hosts answers, be it by refusing the connection: a host that says no is a host that we reach.
 * Resolves within `deadline_ms`, never rejects.
 */
export async function anyReachable(witnesses: readonly string[], deadline_ms: number): Promise<boolean> {
  const answers = witnesses.map((witness) => answer(witness, deadline_ms));
  return Promise.any(answers).then(
    () => true,
    () => false,
  );
}

function answer(witness: string, deadline_ms: number): Promise<void> {
  const colon = witness.lastIndexOf(":");
  const host = witness.slice(0, colon).replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port: Number(witness.slice(colon + 1)) });
    const over = (settle: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const timer = setTimeout(() => over(() => reject(new Error("no answer"))), deadline_ms);
    socket.on("connect", () => over(resolve));
    socket.on("error", ({ code }: NodeJS.ErrnoException) =>
      over(code === "ECONNREFUSED" || code === "ECONNRESET" ? resolve : () => reject(new Error(code))),
    );
  });
}
