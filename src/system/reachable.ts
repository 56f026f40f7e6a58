import { createConnection } from "node:net";

/**
 * Whether one of these hosts answers. A refused connection is an answer, too: it shows that the host is reachable.
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
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const timer = setTimeout(() => end(() => reject(new Error("no answer"))), deadline_ms);
    socket.on("connect", () => end(resolve));
    socket.on("error", ({ code }: NodeJS.ErrnoException) =>
      end(code === "ECONNREFUSED" || code === "ECONNRESET" ? resolve : () => reject(new Error(code))),
    );
  });
}
