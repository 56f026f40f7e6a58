import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import fc from "fast-check";
import { plantFixtures, secret } from "./bad-input/fixtures.ts";
import { badInputs } from "./bad-input/inputs.ts";
import { complaints, secrets } from "./bad-input/judge.ts";
import { allExecutables } from "./bad-input/options.ts";
import { runInput } from "./bad-input/run-input.ts";
import { scenario } from "./scenario.ts";

/**
 * Every executable with every option, given bad values, files, environments, input and output: it ends within a deadline, with
 * the documented exit code, with a line that says why, and without a stack trace or a secret. `BAD_INPUT_RUNS=50 BAD_INPUT_SEED=2`
 * before the command tries so many inputs for each option, with another seed.
 */

const runs = Number(process.env.BAD_INPUT_RUNS || 1);
const seed = Number(process.env.BAD_INPUT_SEED || 1);

scenario(
  "bad input to every executable and option: no stack trace, no secret, the documented exit code",
  { seconds: 180 * (1 + runs), redis: { password: secret } },
  async ({ server11, server12 }) => {
    await plantFixtures(server11);
    for (const server of [server11, server12]) await server.startRedis();
    await server11.redis("REPLICAOF", "NO", "ONE");
    const executables = await allExecutables();
    const jobs = executables.flatMap((one) => [undefined, ...one.options].map((option) => badInputs(one, option)));
    const failures: string[] = [];
    let tried = 0;
    let longest_ms = 0;
    const worker = async () => {
      for (let job = jobs.pop(); job; job = jobs.pop()) {
        const property = fc.asyncProperty(job, async (input) => {
          const ending = await runInput(server11, input);
          tried++;
          longest_ms = Math.max(longest_ms, ending.ms);
          const found = complaints(input, ending);
          if (found.length > 0) throw new Error(`${found.join("; ")}\n${shown({ ...input, ...ending })}`);
        });
        const result = await fc.check(property, { seed, numRuns: runs, endOnFailure: true });
        if (!result.failed) continue;
        const failure = String((result.errorInstance as Error)?.message);
        console.error(failure);
        failures.push(failure);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker));
    console.log(
      `tried ${tried} inputs of ${executables.length} executables, the longest took ${Math.round(longest_ms)} ms`,
    );
    const folder = server11.disk.at("/var/log");
    const logs = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of logs) {
      const text = readFileSync(`${parentPath}/${name}`, "utf8");
      for (const one of secrets) if (text.includes(one)) failures.push(`a secret in ${name}`);
    }
    assert.deepEqual(failures, []);
  },
);

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, one) => (typeof one === "string" && one.length > 600 ? `${one.slice(0, 600)}...` : one), 1);
