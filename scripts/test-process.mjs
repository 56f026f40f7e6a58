import { readFileSync } from "node:fs";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

// Every process that runs tests loads this before them.

// The templates are text to TypeScript as they are to esbuild. Node asks `load` in a thread of its own.
if (isMainThread) register(import.meta.url);

export async function load(url, context, next) {
  if (!url.endsWith(".hbs")) return next(url, context);
  const text = readFileSync(fileURLToPath(url), "utf8");
  return { format: "module", shortCircuit: true, source: `export default ${JSON.stringify(text)};` };
}

// node:test has a time limit for a file up to Node 22 only, after that for each test; and then a file that hangs after
// its tests, or before them, would keep the run for ever. The process that only starts others has the run's own limit.
const limit_s = Number(process.env.TEST_FILE_LIMIT_S);
const startsOthers = process.execArgv.includes("--test") || process.argv[1]?.endsWith("/process-each.ts");
if (isMainThread && limit_s && !startsOthers)
  setTimeout(() => {
    console.error(`${process.argv.slice(1).join(" ")}: not done after ${limit_s} s`);
    process.exit(1);
  }, limit_s * 1000).unref();
