import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../../scripts/build.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-cli-"));
const program = join(folder, "try");
const source = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));

const text = `
import { runCli } from ${source("cli/cli.ts")};
import { CommandRefused, UsageError } from ${source("cluster/errors.ts")};

const ways: Record<string, () => unknown> = {
  refuse: () => { throw new CommandRefused("the peer is gone", { remedy: "start it" }); },
  usage: () => { throw new UsageError("sessions.toml: no such cluster file", { remedy: "name it" }); },
  bug: () => { throw new TypeError("x is not a function\\nmore"); },
  "late bug": () => { setTimeout(() => { throw new Error("in a callback"); }, 5); return new Promise(() => {}); },
  forgotten: () => { void Promise.reject(new Error("nobody waits")); return new Promise((go) => setTimeout(go, 500)); },
  nothing: () => new Promise(() => {}),
  "open handle": () => { setInterval(() => {}, 1000); },
  umask: () => console.log(process.umask().toString(8)),
  much: () => { for (let n = 0; n < 20_000; n++) process.stdout.write("x".repeat(99) + "\\n"); },
  unhealthy: () => 1,
  below: () => below(),
};

void runCli({
  name: "try",
  summary: "Tries the command line.",
  words: process.env.WORDS ? true : undefined,
  options: (argv) =>
    argv
      .option("dry-run", { type: "boolean", default: false })
      .option("way", { type: "string" })
      .option("wait", { type: "number" }),
  async run(options, words) {
    const code = await ways[options.way ?? ""]?.();
    if (options.way === undefined) console.log(JSON.stringify({ ...options, words }));
    return code === 1 ? 1 : 0;
  },
});
const below = () => 0;
`;

function run(args: string[], env: NodeJS.ProcessEnv = {}, stdio?: "pipe" | ["pipe", number, "pipe"]) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 10_000,
    env: { PATH: process.env.PATH, ...env },
    ...(stdio && { stdio }),
  });
  return { status, stdout, stderr };
}

const error = (status: number, stderr: string) => ({ status, stdout: "", stderr });

before(async () => {
  writeFileSync(join(folder, "try.ts"), text);
  await bundle(join(folder, "try.ts"), program);
});
after(() => rmSync(folder, { recursive: true }));

describe("options", () => {
  it("have defaults, and the cluster file's comes from the environment where it is set", () => {
    const defaults = { cluster: "/etc/keepalived-redis/cluster.toml", "log-level": "info", "dry-run": false };
    const parsed = ({ stdout }: { stdout: string }) => {
      const { $0, words, ...options } = JSON.parse(stdout);
      return options;
    };
    assert.deepEqual(parsed(run([])), defaults);
    assert.deepEqual(parsed(run([], { KEEPALIVED_REDIS_CLUSTER: "/x.toml" })), { ...defaults, cluster: "/x.toml" });
    const given = run(["--cluster", "/y.toml", "--node=server12"], { KEEPALIVED_REDIS_CLUSTER: "/x.toml" });
    assert.deepEqual(parsed(given), { ...defaults, cluster: "/y.toml", node: "server12" });
  });

  it("are followed by other arguments only where the command takes them, as they were typed", () => {
    const { stdout } = run(["0123", "--dry-run", "1e3", "--", "--x"], { WORDS: "1" });
    assert.deepEqual(JSON.parse(stdout).words, ["0123", "1e3", "--x"]);
    const remedy = "\n  try --help lists the options\n";
    const refused = error(2, `try: there is no argument "server12", only options${remedy}`);
    assert.deepEqual(run(["server12", "--dry-run"]), refused);
  });

  it("with a wrong value are refused", () => {
    const refused = (args: string[], why: string) =>
      assert.deepEqual(run(args), error(2, `try: ${why}\n  try --help lists the options\n`));
    refused(["--way", ""], "--way needs a value");
    refused(["--cluster="], "--cluster needs a value");
    refused(["--dry-run=banana"], "--dry-run takes no value");
    refused(["--wait", "soon"], "--wait needs a number");
    refused(["--cluster.x", "1"], "unknown option --cluster.x; did you mean --cluster?");
    refused(["--no-cluster"], "unknown option --no-cluster; did you mean --cluster?");
  });

  it("that nobody knows are refused, with the nearest one", () => {
    const remedy = "\n  try --help lists the options\n";
    assert.deepEqual(run(["--dry-rn"]), error(2, `try: unknown option --dry-rn; did you mean --dry-run?${remedy}`));
    assert.deepEqual(run(["--xyzzy", "3"]), error(2, `try: unknown option --xyzzy${remedy}`));
    assert.deepEqual(run(["-q"]), error(2, `try: unknown option -q${remedy}`));
    assert.deepEqual(run(["--cluster"]), error(2, `try: --cluster needs a value${remedy}`));
    const loud = `try: --log-level "loud": it is one of error, warn, info, debug${remedy}`;
    assert.deepEqual(run(["--log-level", "loud"]), error(2, loud));
  });

  it("are listed by --help in English, within the width, and --version is the package's", () => {
    const { status, stdout } = run(["--help"], { LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" });
    assert.equal(status, 0);
    assert.match(stdout, /^Tries the command line\.\n\nUsage: try \[options\]\n\nOptions:\n/);
    for (const option of ["cluster", "node", "log-level", "dry-run"]) assert.match(stdout, new RegExp(`--${option} `));
    assert.ok(stdout.split("\n").every((line) => line.length <= 100));
    assert.match(run(["--version"]).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

describe("how it ends", () => {
  it("with 2 for wrong usage, 1 for a refusal, each in one line with the way out and without a stack trace", () => {
    assert.deepEqual(run(["--way", "usage"]), error(2, "try: sessions.toml: no such cluster file\n  name it\n"));
    assert.deepEqual(run(["--way", "refuse"]), error(1, "try: the peer is gone\n  start it\n"));
    assert.equal(run(["--way", "unhealthy"]).status, 1);
  });

  it("with one line for a bug, wherever it happens; the stack trace only where it was asked for", () => {
    assert.deepEqual(run(["--way", "bug"]), error(1, "try: unexpected: x is not a function\n"));
    assert.deepEqual(run(["--way", "late bug"]), error(1, "try: unexpected: in a callback\n"));
    assert.deepEqual(run(["--way", "forgotten"]), error(1, "try: unexpected: nobody waits\n"));
    assert.match(run(["--way", "bug"], { KEEPALIVED_REDIS_DEBUG: "1" }).stderr, /TypeError: x is not.*\n.*\n +at /);
  });

  it("never with 0 before the work is done, and at once when it is", () => {
    assert.deepEqual(run(["--way", "nothing"]), error(1, "try: unexpected: it ended before its work was done\n"));
    assert.equal(run(["--way", "open handle"]).status, 0);
  });

  it("as it should, also where the command uses what stands below it in its file", () => {
    assert.deepEqual(run(["--way", "below"]), { status: 0, stdout: "", stderr: "" });
  });

  it("with everything printed, and quietly when the reader has gone", () => {
    const shell = (script: string) => spawnSync("bash", ["-c", script, "bash", program], { encoding: "utf8" });
    assert.equal(shell('"$1" --way much | (sleep 0.2; wc -c)').stdout.trim(), "2000000");
    const head = shell('"$1" --way much | head -c 3; echo " $' + '{PIPESTATUS[0]}"');
    assert.deepEqual([head.stdout, head.stderr], ["xxx 0\n", ""]);
  });

  it("with 1 when what it prints can't be written", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = run([], {}, ["pipe", full, "pipe"]);
    closeSync(full);
    assert.equal(status, 1);
    assert.match(stderr, /^try: unexpected: ENOSPC/);
  });

  it("with folders that others can enter, whatever umask Keepalived gave", () => {
    const umask = process.umask(0o177);
    try {
      assert.equal(run(["--way", "umask"]).stdout, "22\n");
    } finally {
      process.umask(umask);
    }
  });
});
