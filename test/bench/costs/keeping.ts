import { openConnection } from "../../../src/redis/connection.ts";
import { eventually } from "../../redis/eventually.ts";
import { makeReplica, withPair } from "../../redis/redis-pair.ts";
import type { RedisServer } from "../../redis/servers.ts";
import type { Row } from "../results.ts";

/** How long a node that gives up 10,000 writes is held up by keeping them, and by a dump of its data set. */

const conf = ["enable-debug-command yes", "repl-backlog-size 64mb", "client-output-buffer-limit replica 0 0 0"];
const valueBytes = "900";
const batch = 100;
const copy_ms = 180_000;

export async function keeping(gigabytes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of gigabytes) {
    const [writes, dump] = [await stepOf("writes", size), await stepOf("dump", size)];
    rows.push({
      "data GB": size,
      "diverged writes": Number(writes.writes),
      "their writes kept in ms": Math.round(Number(writes.duration_ms)),
      "a dump in ms": Math.round(Number(dump.duration_ms)),
    });
  }
  return rows;
}

/** What the built notify-backup logs of the step. */
async function stepOf(kind: "writes" | "dump", size: number): Promise<Record<string, unknown>> {
  let step: Record<string, unknown> | undefined;
  await withPair({ conf, failover: `quarantine = "${kind}"` }, async (pair, server11, server12) => {
    await split(server11, server12, size);
    const { code, stderr } = await pair.run("notify-backup", "server11");
    step = pair.log().find((line) => line.event === "step-done" && line.step === "quarantine");
    if (code !== 0 || !step) throw new Error(`notify-backup: exit ${code}: ${stderr}`);
  });
  return step as Record<string, unknown>;
}

async function split(server11: RedisServer, server12: RedisServer, size: number): Promise<void> {
  const long = await openConnection(server11.endpoint, copy_ms);
  try {
    await long.ask("DEBUG", "POPULATE", String(size * 1_000_000), "key", valueBytes);
    await makeReplica(server12, server11, copy_ms);
    await long.ask("SET", "both", "1");
    await eventually(() => server12.ask("EXISTS", "both"));
    await server12.ask("REPLICAOF", "NO", "ONE");
    await write(server11, 10_000);
    // So that one stays master.
    await write(server12, 12_000);
  } finally {
    long.close();
  }
}

async function write({ endpoint }: RedisServer, count: number): Promise<void> {
  const session = await openConnection(endpoint, copy_ms);
  try {
    for (let at = 0; at < count; at += batch)
      await Promise.all(Array.from({ length: batch }, (_, n) => session.ask("SET", `own:${at + n}`, "x".repeat(100))));
  } finally {
    session.close();
  }
}
