import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.ts";

/** What an executable must not carry, however many imports away it is, and how big it may be. */
interface Limit {
  executables: RegExp;
  without: RegExp;
  bytes: number;
}

const limits: Limit[] = [
  // Keepalived starts it every second, and Node reads the whole of it each time.
  { executables: /^monitor$/, without: /^(ioredis|@ioredis|yargs|winston|handlebars|nano-spawn)/, bytes: 140_000 },
  // While these start, nobody is master.
  { executables: /^notify-/, without: /^(ioredis|@ioredis|yargs|handlebars)/, bytes: 600_000 },
  // It reads translations from two folders above the executable: see y18n.ts for what stands in.
  { executables: /./, without: /^y18n$/, bytes: 1_400_000 },
  { executables: /^agent$/, without: /^handlebars$/, bytes: 900_000 },
];

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-bundles-"));
try {
  const executables = await build(folder);
  const problems = limits.flatMap(({ executables: which, without, bytes }) =>
    executables
      .filter(({ name }) => which.test(name))
      .flatMap((one) => [
        ...one.packages.filter(({ name }) => without.test(name)).map(({ name }) => `${one.name} carries ${name}`),
        ...(one.bytes > bytes ? [`${one.name} has ${one.bytes} bytes, more than its ${bytes}`] : []),
      ]),
  );
  for (const { name, bytes } of executables) console.log(`${name}: ${bytes} bytes`);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
