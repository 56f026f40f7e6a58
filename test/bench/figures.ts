import { build } from "../../scripts/build.ts";
import { failures, measure, type Run, summary } from "./gaps.ts";
import { switchovers } from "./switchovers.ts";

/** `npm run figures [-- RUNS [NAME]]`: the figures of the README, measured anew. */
const [runs = "10", only] = process.argv.slice(2);

await build();
for (const failure of failures) {
  if (only !== undefined && failure.name !== only) continue;
  const done: Run[] = [];
  while (done.length < Number(runs)) done.push(await measure(failure, {}));
  console.log(summary(failure.name, done));
}
if (only === undefined || only === "switchovers")
  console.log(await switchovers(only === undefined ? 50 : Number(runs)));
