import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { between, docs, written } from "./decisions.ts";
import { runbookIndex } from "./runbook/index.ts";

// The index of docs/runbook.md is written from the code as well, which is read by the compiler: the mutants of src/decide need none.

export const runbookPage = docs("docs/runbook.md");
export const runbook = (): string => between(written(runbookPage), "index", runbookIndex());

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(runbookPage, runbook());
