import { relative } from "node:path";
import { describe } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "./checks.ts";

// Runs several test files in this process. To start a process with tsx and the packages takes half a second of CPU time, which
// is too much for dozens of small files. A suite around each file limits its before() and afterEach() to that file.

for (const file of process.argv.slice(2)) {
  // One after the other: node:test finds the suite of a test by the asynchronous context, which is wrong if two imports wait for
  // the same module.
  await new Promise<void>((imported) => {
    describe(relative(root, file), () => import(pathToFileURL(file).href).finally(imported));
  });
}
