import assert from "node:assert/strict";
import type { Verdict } from "../../src/model/verdict.ts";
import type { TestCluster } from "./cluster.ts";

// Twice monitor.timeout (0.3 s), and the start of Node on a busy machine.
const deadline_ms = 3000;

/** Runs the monitor of server11. It must find the node unfit, in time, and print one line with the cause. */
export async function assertUnfit(pair: TestCluster, cause: RegExp): Promise<void> {
  const { code, stdout, stderr, ms } = await pair.run("monitor", "server11");
  assert.equal(code, 1, stderr);
  assert.match(stderr, new RegExp(`^monitor: (${cause.source}): .+\n$`));
  assert.equal(stdout, "");
  assert.ok(ms < deadline_ms, `${ms} ms`);
}

/** Runs the monitor of server11, and returns its verdict as `fit: CAUSE` or `unfit: CAUSE`. */
export async function monitorVerdict(pair: TestCluster): Promise<string> {
  const { code, stdout, stderr, ms } = await pair.run("monitor", "server11", "--json");
  assert.ok(ms < deadline_ms, `${ms} ms`);
  const { healthy, cause } = JSON.parse(stdout) as Verdict;
  assert.equal(code, healthy ? 0 : 1, stderr);
  return `${healthy ? "fit" : "unfit"}: ${cause}`;
}
