import { test } from "node:test";
import { type Lab, type LabOptions, startLab } from "./lab.ts";

export interface ScenarioOptions extends LabOptions {
  /** Longest time that the scenario may take, the lab's start not counted. */
  seconds?: number;
}

/**
 * A test on a lab of its own. When it fails it prints who is what and the logs' ends, since nothing else of the hosts
 * remains; the lab ends in any case.
 */
export function scenario(title: string, options: ScenarioOptions, body: (lab: Lab) => Promise<void>): void {
  const { seconds = 60, ...labOptions } = options;
  test(title, async () => {
    const lab = await startLab(labOptions);
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

// The runner's own time-out would leave the lab running and print nothing of it.
async function within(seconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the scenario took longer than ${seconds} s`)), seconds * 1000);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
