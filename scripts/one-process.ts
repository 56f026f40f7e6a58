import { relative } from "node:path";
import { describe } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "./checks.ts";

// Runs test files in this one process: starting one with tsx and the packages takes half a second of CPU, which dozens of
// small files would pay each. A suite around each file keeps its before() and afterEach() to itself.

for (const file of process.argv.slice(2)) {
  // One after the other: node:test knows by the asynchronous context which suite a test belongs to, and two imports that
  // wait for the same module would be mixed up.
  await new Promise<void>((imported) => {
    describe(relative(root, file), () => import(pathToFileURL(file).href).finally(imported));
  });
}
