import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { monotonic_ms } from "../machine/process.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { Connection, type Work } from "./connection.ts";
import type { WriterOptions } from "./writer-options.ts";

/**
 * A program of its own on the client host: writes unique keys through the VIP, never gives up, and keeps the time of
 * each acknowledgement. Options come as the first line of standard input; the second, `stop`, ends it.
 */
function write(options: WriterOptions): void {
  const acks = new Acknowledgements();
  const errors: Record<string, number> = {};
  const servers: string[] = [];
  const indexOf = (runId: string) => {
    if (!servers.includes(runId)) servers.push(runId);
    return servers.indexOf(runId);
  };
  let next = 0;
  const enough = () => options.count !== undefined && next >= options.count;
  const work: Work = {
    next: () => (enough() ? undefined : next++),
    acknowledged: (key, runId) => acks.add(key, monotonic_ms(), indexOf(runId)),
    failed: (kind) => {
      errors[kind] = (errors[kind] ?? 0) + 1;
    },
  };
  const connections = Array.from({ length: options.connections }, () => new Connection(options, work));
  const progress = () => say({ acknowledged: acks.count, last_ms: acks.last_ms, errors });

  const patience = setInterval(() => {
    for (const connection of connections) connection.checkPatience(monotonic_ms());
  }, 5);
  const report = setInterval(() => {
    progress();
    if (enough() && connections.every(({ idle }) => idle)) say({ done: true });
  }, 50);

  commands.on("line", () => {
    clearInterval(patience);
    clearInterval(report);
    for (const connection of connections) connection.close();
    writeFileSync(options.reportFile, acks.bytes());
    progress();
    say({ stopped: true, servers });
    commands.close();
    process.stdin.destroy();
  });
}

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const commands = createInterface({ input: process.stdin });
commands.once("line", (line) => write(JSON.parse(line) as WriterOptions));
