import assert from "node:assert/strict";
import type { Verdict } from "../../src/model/verdict.ts";
import type { TestCluster } from "./cluster.ts";

// Twice monitor.timeout (0.3 s), and a start of Node on a busy machine.
const deadline_ms = 3000;

/** Server11 must be found unfit, in time, with one line that says why. */
export async function unfit(of: TestCluster, cause: RegExp): Promise<void> {
  const { code, stdout, stderr, ms } = await of.run("monitor", "server11");
  assert.equal(code, 1, stderr);
  assert.match(stderr, new RegExp(`^monitor: (${cause.source}): .+\n$`));
  assert.equal(stdout, "");
  assert.ok(ms < deadline_ms, `${ms} ms`);
}

/** What the monitor of server11 says. */
export async function verdict(of: TestCluster): Promise<string> {
  const { code, stdout, stderr, ms } = await of.run("monitor", "server11", "--json");
  assert.ok(ms < deadline_ms, `${ms} ms`);
  const { healthy, cause } = JSON.parse(stdout) as Verdict;
  assert.equal(code, healthy ? 0 : 1, stderr);
  return `${healthy ? "fit" : "unfit"}: ${cause}`;
}
