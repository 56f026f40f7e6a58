import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.ts";

/** The packages that an executable must not contain, even indirectly, and its maximum size. */
interface Limit {
  executables: RegExp;
  without: RegExp;
  bytes: number;
}

const limits: Limit[] = [
  // Keepalived starts it every second, and Node reads the whole file each time.
  { executables: /^monitor$/, without: /^(ioredis|@ioredis|yargs|winston|handlebars|nano-spawn)/, bytes: 180_000 },
  // Until these have started there is no master.
  { executables: /^notify-/, without: /^(ioredis|@ioredis|yargs|handlebars)/, bytes: 650_000 },
  // It would read translations from a folder of the host: see y18n.ts, which replaces it.
  { executables: /^(?!(init|drill)$)/, without: /^y18n$/, bytes: 1_400_000 },
  // They also make all files of generate-config: one to write them, the other to compare them. A person runs them now and then.
  { executables: /^(init|drill)$/, without: /^y18n$/, bytes: 1_800_000 },
  { executables: /^agent$/, without: /^handlebars$/, bytes: 970_000 },
];

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-bundles-"));
try {
  const executables = await build(folder);
  const problems = limits.flatMap(({ executables: which, without, bytes }) =>
    executables
      .filter(({ name }) => which.test(name))
      .flatMap((one) => [
        ...one.packages.filter(({ name }) => without.test(name)).map(({ name }) => `${one.name} carries ${name}`),
        ...(one.bytes > bytes ? [`${one.name} has ${one.bytes} bytes, more than its limit of ${bytes}`] : []),
      ]),
  );
  for (const { name, bytes } of executables) console.log(`${name}: ${bytes} bytes`);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
