import { readdirSync, readFileSync } from "node:fs";

/** Logs that both nodes wrote in the lab, when this happened to them, and how the story is told. More are beside them. */
export const samples = ["kill-redis", "cut-off", "planned-move", "hooks-kill-redis"];

const folder = new URL("fixtures/", import.meta.url);

export const fixture = (path: string): string => readFileSync(new URL(path, folder), "utf8");

/** The logs of a sample, one for each node. */
export const logsOf = (sample: string): string[] =>
  readdirSync(new URL(`${sample}/`, folder))
    .filter((name) => name.endsWith(".log"))
    .sort()
    .map((name) => fixture(`${sample}/${name}`));
