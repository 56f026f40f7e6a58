import type { Server } from "../server/server.ts";
import type { WriteReport } from "./write-report.ts";
import { valueFor } from "./writer-options.ts";

const batch = 1000;

/** The acknowledged keys that a server's Redis does not have with the value that was written. */
export async function lostWrites(report: WriteReport, server: Server): Promise<string[]> {
  const { acknowledgements: acks, keyPrefix, db } = report;
  const socket = server.redisSocket();
  try {
    await socket.ask(["SELECT", String(db)]);
    const lost: string[] = [];
    for (let start = 0; start < acks.count; start += batch) {
      const keys = Array.from({ length: Math.min(batch, acks.count - start) }, (_, index) => acks.key(start + index));
      const values = await socket.ask(["MGET", ...keys.map((key) => `${keyPrefix}:${key}`)], 10_000);
      if (!Array.isArray(values)) throw new Error(`${server.name}: MGET: ${String(values)}`);
      keys.forEach((key, index) => {
        if (values[index] !== valueFor(key, report)) lost.push(`${keyPrefix}:${key}`);
      });
    }
    return lost;
  } finally {
    socket.close();
  }
}
