import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { monotonic_ms } from "../machine/process.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { Connection, type WriteQueue } from "./connection.ts";
import type { WriterOptions } from "./writer-options.ts";

/**
 * A program on the client host. It writes unique keys through the VIP, retries every failure, and records the time of each
 * acknowledgement. The first line of its standard input are the options; a second line ends it.
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
  const allSent = () => options.count !== undefined && next >= options.count;
  const queue: WriteQueue = {
    next: () => (allSent() ? undefined : next++),
    acknowledged: (key, runId) => acks.add(key, monotonic_ms(), indexOf(runId)),
    failed: (kind) => {
      errors[kind] = (errors[kind] ?? 0) + 1;
    },
  };
  const connections = Array.from({ length: options.connections }, () => new Connection(options, queue));
  const reportProgress = () => printLine({ acknowledged: acks.count, last_ms: acks.last_ms, errors });

  const timeouts = setInterval(() => {
    for (const connection of connections) connection.checkTimeout(monotonic_ms());
  }, 5);
  const report = setInterval(() => {
    reportProgress();
    if (allSent() && connections.every(({ idle }) => idle)) printLine({ done: true });
  }, 50);

  commands.on("line", () => {
    clearInterval(timeouts);
    clearInterval(report);
    for (const connection of connections) connection.close();
    writeFileSync(options.reportFile, acks.bytes());
    reportProgress();
    printLine({ stopped: true, servers });
    commands.close();
    process.stdin.destroy();
  });
}

const printLine = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const commands = createInterface({ input: process.stdin });
commands.once("line", (line) => write(JSON.parse(line) as WriterOptions));
