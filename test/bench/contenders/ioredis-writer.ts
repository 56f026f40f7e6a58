import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { Acknowledgements } from "../../lab/client/acknowledgements.ts";
import { valueFor, type WriterOptions } from "../../lab/client/writer-options.ts";
import { monotonic_ms } from "../../lab/machine/process.ts";

/** As the lab's writer, and told and heard in the same way, but with ioredis as it comes: one write after the other, no option set. */
async function write(options: WriterOptions): Promise<void> {
  const { host, port, password, keyPrefix, reportFile } = options;
  const redis = new Redis({ host, port, ...(password === undefined ? {} : { password }) });
  const acks = new Acknowledgements();
  const errors: Record<string, number> = {};
  const count = (kind: string) => {
    errors[kind] = (errors[kind] ?? 0) + 1;
  };
  redis.on("error", (error: NodeJS.ErrnoException) => count(error.code ?? error.message));
  let over = false;
  const report = setInterval(() => say({ acknowledged: acks.count, last_ms: acks.last_ms, errors }), 50);
  commands.on("line", () => {
    over = true;
    clearInterval(report);
    redis.disconnect();
    writeFileSync(reportFile, acks.bytes());
    say({ acknowledged: acks.count, last_ms: acks.last_ms, errors });
    say({ stopped: true, servers: [] });
    commands.close();
    process.stdin.destroy();
  });
  for (let key = 0; !over; key++) {
    await redis.set(`${keyPrefix}:${key}`, valueFor(key, options)).then(
      () => acks.add(key, monotonic_ms(), 0),
      (error: Error) => count(error.message),
    );
  }
}

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const commands = createInterface({ input: process.stdin });
commands.once("line", (line) => write(JSON.parse(line) as WriterOptions));
