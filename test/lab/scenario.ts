import { test } from "node:test";
import { type Lab, type LabOptions, startLab } from "./lab.ts";

export interface ScenarioOptions extends LabOptions {
  /** The time limit of the scenario, without the start of the lab. */
  seconds?: number;
  /** Left out of `npm test`, where another scenario shows most of it: `npm run test:lab` has it. */
  long?: boolean;
}

/** For tests that `npm test` leaves out. */
export const skipLong = process.env.LONG_SCENARIOS === "1" ? false : "npm run test:lab";

/**
 * A test on a new lab. If it fails, it prints the state of all servers and the last lines of all logs, since these are lost with
 * the lab. The lab ends in any case.
 */
export function scenario(title: string, options: ScenarioOptions, body: (lab: Lab) => Promise<void>): void {
  const { seconds = 60, long = false, pause_ms = 1, ...labOptions } = options;
  test(title, { skip: long && skipLong }, async () => {
    const lab = await startLab({ pause_ms, ...labOptions });
    try {
      await within(seconds, body(lab));
    } catch (error) {
      console.error(`${title}: failed\n${await lab.dump().catch(String)}`);
      throw error;
    } finally {
      await lab.stop();
    }
  });
}

// A time-out of node:test would end the process without these logs.
async function within(seconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the scenario took longer than ${seconds} s`)), seconds * 1000);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
