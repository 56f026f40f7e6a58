import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type TestCluster, testCluster } from "./cluster.ts";

/** No server is needed. */
async function withCluster(body: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = testCluster(["127.0.0.2", "127.0.0.3"].map((host) => ({ host, port: 1, password: undefined })));
  await body(cluster).finally(cluster.remove);
}

/** What it prints. */
async function said(cluster: TestCluster, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.run("maintenance", "server11", ...args);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
}

describe("maintenance", () => {
  it("status says what was asked for, until when, and that it is over", () =>
    withCluster(async (cluster) => {
      assert.equal(await said(cluster, "status"), "off\n");
      assert.equal(await said(cluster, "on"), "on; `maintenance off` ends it\n");
      assert.equal(await said(cluster, "status"), "on\n");
      const before_ms = Date.now();
      const until = await said(cluster, "on", "--until", "30m");
      assert.equal(await said(cluster, "status"), until);
      const [, time = ""] = /^on, until (.+Z)\n$/.exec(until) ?? [];
      const off_ms = Date.parse(time) - before_ms - 30 * 60_000;
      assert.ok(off_ms >= 0 && off_ms < 60_000, `${time} is ${off_ms} ms off`);
      assert.equal(await said(cluster, "off"), "");
      assert.equal(await said(cluster, "status"), "off\n");
      assert.deepEqual(
        cluster.log().map(({ event, message }) => [event, message]),
        ["on", "on", "off"].map((word) => ["maintenance", `maintenance is ${word}`]),
      );
    }));

  it("on says on the holder what a restart of Redis costs", () =>
    withCluster(async (cluster) => {
      const text = readFileSync(cluster.file, "utf8");
      writeFileSync(cluster.file, text.replace("192.0.2.120/24", "127.0.0.1/8"));
      const [first, second] = (await said(cluster, "on", "--until", "30m")).split("\n");
      assert.match(first ?? "", /^on, until /);
      assert.match(second ?? "", /^This node has the virtual IP: if its Redis .* no node is master until maintenance/);
      assert.doesNotMatch(await said(cluster, "status"), /virtual IP/);
    }));

  it("refuses another word, and an end that is none or has passed", () =>
    withCluster(async (cluster) => {
      for (const [args, why] of [
        [[], /say `maintenance on`/],
        [["of"], /say `maintenance on`/],
        [["on", "off"], /say `maintenance on`/],
        [["on", "--until", "soon"], /--until soon is no time\n {2}such as/],
        [["on", "--until", "2020-01-01"], /--until 2020-01-01 is in the past/],
      ] as const) {
        const { code, stderr } = await cluster.run("maintenance", "server11", ...args);
        assert.equal(code, 2);
        assert.match(stderr, why);
      }
      assert.equal(await said(cluster, "status"), "off\n");
    }));
});
