import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../../../scripts/build.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-plain-"));
const program = join(folder, "try");
const remedy = "\n  try --help lists the options\n";

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: 10_000 });
  return { status, stdout, stderr };
};
const given = (...args: string[]) => JSON.parse(run(...args).stdout);
const wrong = (stderr: string) => ({ status: 2, stdout: "", stderr });

before(async () => {
  const plain = fileURLToPath(new URL("../../../src/cli/plain-cli.ts", import.meta.url));
  writeFileSync(
    join(folder, "try.ts"),
    `import { runPlain } from ${JSON.stringify(plain)};
    runPlain({
      name: "try",
      summary: "Tries the plain command line.",
      options: { "dry-run": { about: "print the plan, change nothing" }, secret: {} },
      async run(values) { process.stdout.write(JSON.stringify(values)); return values.secret ? 1 : 0; },
    });`,
  );
  await bundle(join(folder, "try.ts"), program);
});
after(() => rmSync(folder, { recursive: true }));

describe("the command line of what Keepalived starts", () => {
  it("takes options, and whatever Keepalived appends", () => {
    assert.deepEqual(given(), {});
    assert.deepEqual(given("--cluster", "/x.toml", "--node=server11", "--dry-run"), {
      cluster: "/x.toml",
      node: "server11",
      "dry-run": true,
    });
    assert.deepEqual(given("--dry-run", "INSTANCE", "VI_1", "MASTER", "150"), { "dry-run": true });
    assert.equal(run("--secret").status, 1);
  });

  it("refuses what nobody knows, in one line with the nearest option", () => {
    assert.deepEqual(run("--dry-rn"), wrong(`try: unknown option --dry-rn; did you mean --dry-run?${remedy}`));
    assert.deepEqual(run("--xyzzy", "3"), wrong(`try: unknown option --xyzzy${remedy}`));
    assert.deepEqual(run("-q"), wrong(`try: unknown option -q${remedy}`));
    for (const args of [["--cluster"], ["--cluster", "--dry-run"], ["--cluster="], ["--cluster", ""]])
      assert.deepEqual(run(...args), wrong(`try: --cluster needs a value${remedy}`));
    assert.deepEqual(run("--dry-run=1"), wrong(`try: --dry-run takes no value${remedy}`));
    const loud = run("--log-level", "loud");
    assert.equal(loud.status, 2);
    assert.match(loud.stderr, /^try: --log-level loud: it is one of error, warn, info, debug\n/);
  });

  it("shows its options, but for those that only we use, and its version", () => {
    const { status, stdout } = run("--help");
    assert.equal(status, 0);
    assert.match(stdout, /^Tries the plain command line\.\n\nUsage: try \[options\]\n\n/);
    for (const option of ["dry-run", "cluster FILE", "node NAME", "log-level LEVEL", "help", "version"])
      assert.match(stdout, new RegExp(`^ {2}--${option} `, "m"));
    assert.doesNotMatch(stdout, /secret/);
    assert.match(run("--version").stdout, /^\d+\.\d+\.\d+\n$/);
  });
});
