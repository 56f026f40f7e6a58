import { run } from "node:test";
import { spec } from "node:test/reporters";

// process-each.ts CONCURRENCY FILE...: runs each test file in a process of its own, and starts them in the given order.
// `node --test` sorts them by name: then the file that takes the longest may be among the last, and the others wait for it.

const [concurrency, ...files] = process.argv.slice(2);

run({ files, concurrency: Number(concurrency) })
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
