import { Refusal } from "../cluster/errors.ts";

/** For `proceed`: Ctrl-C and SIGTERM end the course before its next step, so that what is half done can be undone. */
export function interruptible(): () => void {
  let told: string | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      told = signal;
    });
  }
  return () => {
    if (told) throw new Refusal(`stopped by ${told}`, { hint: "run it again: it goes on from wherever it was" });
  };
}
