import { type Check, checks, runCheck } from "./checks.ts";
import { plantFor } from "./planted-faults.ts";

// npm run check: all checks of the project. With --self-test: does each of them fail on a planted fault?

const selfTest = process.argv.includes("--self-test");

async function passes(check: Check): Promise<boolean> {
  const { passed, output, seconds } = await runCheck(check);
  console.log(`${passed ? "ok    " : "FAILED"} ${check.name} (${seconds.toFixed(1)} s)`);
  if (!passed) console.log(output.trimEnd().replaceAll(/^/gm, "       "));
  return passed;
}

async function findsPlantedFaults(check: Check): Promise<boolean> {
  const caught = await plantFor(check);
  for (const { what, line, output } of caught) {
    console.log(`${line ? "ok    " : "FAILED"} ${what}: ${line ?? `not found by ${check.name}`}`);
    if (!line) console.log(output.trimEnd().replaceAll(/^/gm, "       "));
  }
  return caught.length > 0 && caught.every(({ line }) => line !== undefined);
}

let passed = true;
for (const check of Object.values(checks)) {
  passed = (await passes(check)) && passed;
  if (selfTest) passed = (await findsPlantedFaults(check)) && passed;
}
process.exitCode = passed ? 0 : 1;
