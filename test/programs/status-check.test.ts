import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const status = fileURLToPath(new URL("../../bin/status.ts", import.meta.url));

const run = (...args: string[]) => {
  const all = ["--import", "tsx", status, ...args];
  const { status: code, stdout, stderr } = spawnSync(process.execPath, all, { encoding: "utf8", timeout: 20_000 });
  return [code, stdout, stderr];
};
const unknown = (why: string) => [3, `UNKNOWN: ${why}\n`, ""];

describe("to a monitoring system, what is wrong with the command is unknown, not critical", { concurrency: 2 }, () => {
  it("a wrong combination of options", () =>
    assert.deepEqual(run("--check", "--json"), unknown("--check goes without --watch and --json")));
  it("an unknown option, in whatever order", () =>
    assert.deepEqual(run("--chek", "--check"), unknown("unknown option --chek; did you mean --check?")));
  it("a value for --check", () => assert.deepEqual(run("--check=yes"), unknown("--check takes no value")));
  it("a cluster file that is not there, whose name would break the line", () =>
    assert.deepEqual(run("--check", "--cluster", "/no|\u001bwhere"), unknown("/no/?where: no such cluster file")));
  it("without --check the exit code stays", () => {
    const [code, stdout, stderr] = run("--watch", "--metrics");
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(String(stderr), /^status: --metrics goes without/);
  });
});
