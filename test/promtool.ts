import { spawnSync } from "node:child_process";

// Debian's package `prometheus` has promtool beside a server that it starts, 96 MB: too much for each machine that runs the tests.

/** Undefined, or why a test that needs promtool is skipped. */
export const withoutPromtool =
  spawnSync("promtool", ["--version"]).status === 0
    ? undefined
    : "NOT CHECKED: promtool is not installed (Debian: apt-get install prometheus, or only its /usr/bin/promtool)";

/** What promtool says, and whether it is content. */
export function promtool(args: readonly string[], input = ""): { good: boolean; output: string } {
  const { status, stdout, stderr } = spawnSync("promtool", args, { input, encoding: "utf8", timeout: 100_000 });
  return { good: status === 0, output: `${stdout}${stderr}` };
}
