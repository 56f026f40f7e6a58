import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { must } from "../../lab/machine/process.ts";

/** A client library, and the program that writes with it. */
export interface Library {
  /** For `--libraries`. */
  name: string;
  label: string;
  /** The names of the settings that the probe knows; each of them is measured. */
  settings: readonly string[];
  /** What to type where it isn't here. */
  install: string;
  /** Rejects where the library isn't here. `folder`: where its files will be. */
  prepare(folder: string): Promise<Program>;
}

/** The probe as it is put on the client's host. */
export interface Program {
  argv: readonly string[];
  file: { path: string; contents: Uint8Array };
  /** A folder of the machine that it needs there. */
  module?: { path: string; from: string };
}

const probes = fileURLToPath(new URL("probes/", import.meta.url));
const deadline_ms = 30_000;

/** NODE_PATH is searched, too, as Node itself would. */
const forNode =
  (source: string, alias: Record<string, string> = {}) =>
  async (folder: string): Promise<Program> => {
    const { outputFiles } = await build({
      entryPoints: [join(probes, source)],
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      alias,
      nodePaths: process.env.NODE_PATH?.split(delimiter) ?? [],
      logLevel: "silent",
      write: false,
    });
    const path = join(folder, "probe.cjs");
    return { argv: ["node", path], file: { path, contents: outputFiles[0]?.contents ?? new Uint8Array() } };
  };

/** `check` fails where the interpreter or the library is missing. */
const interpreted =
  (source: string, run: readonly string[], check: readonly string[]) =>
  async (folder: string): Promise<Program> => {
    await must([...run, ...check], { deadline_ms });
    const path = join(folder, source);
    return { argv: [...run, path], file: { path, contents: readFileSync(join(probes, source)) } };
  };

/** The redis-py of PYTHONPATH, which the host doesn't see: it is copied there. */
async function fromPythonPath(folder: string): Promise<Program> {
  const from = process.env.PYTHONPATH?.split(delimiter).find((path) => existsSync(join(path, "redis")));
  if (from === undefined) throw new Error("no redis in PYTHONPATH");
  const place = join(folder, "python");
  const program = await interpreted("redis-py.py", ["env", `PYTHONPATH=${place}`, "python3"], ["--version"])(folder);
  return { ...program, module: { path: join(place, "redis"), from: join(from, "redis") } };
}

async function compiled(folder: string): Promise<Program> {
  const made = mkdtempSync(join(tmpdir(), "probe-"));
  try {
    const binary = join(made, "hiredis");
    await must(["gcc", "-O1", "-o", binary, join(probes, "hiredis.c"), "-lhiredis"], { deadline_ms });
    const path = join(folder, "hiredis");
    return { argv: [path], file: { path, contents: readFileSync(binary) } };
  } finally {
    rmSync(made, { recursive: true });
  }
}

// The hosts have no php.ini; the order matters, since Debian's redis.so uses igbinary.
const php = ["php", "-n"];
const withRedis = [...php, "-d", "extension=igbinary", "-d", "extension=redis"];
const hasPredis = `require "Predis/Autoloader.php";`;
const hasPhpredis = `extension_loaded("redis") || exit(1);`;
const likeIoredis = ["default", "default,concurrent", "commandTimeout", "recommended"];
const ofNodeRedis = ["default", "default,concurrent", "commandTimeout", "socketTimeout", "recommended"];
const inThree = ["default", "time-outs", "recommended"];

export const libraries: readonly Library[] = [
  {
    name: "ioredis5",
    label: "ioredis",
    settings: likeIoredis,
    install: "npm ci",
    prepare: forNode("ioredis.mjs", { ioredis: "ioredis5" }),
  },
  { name: "ioredis6", label: "ioredis", settings: likeIoredis, install: "npm ci", prepare: forNode("ioredis.mjs") },
  { name: "iovalkey", label: "iovalkey", settings: likeIoredis, install: "npm ci", prepare: forNode("iovalkey.mjs") },
  {
    name: "node-redis5",
    label: "node-redis",
    settings: ofNodeRedis,
    install: "npm ci",
    prepare: forNode("node-redis.mjs", { redis: "redis5" }),
  },
  {
    name: "node-redis6",
    label: "node-redis",
    settings: ofNodeRedis,
    install: "npm ci",
    prepare: forNode("node-redis.mjs"),
  },
  {
    name: "redis-py",
    label: "redis-py",
    settings: inThree,
    install: "apt-get install python3-redis",
    prepare: interpreted("redis-py.py", ["python3"], ["-c", "import redis"]),
  },
  {
    name: "redis-py-pip",
    label: "redis-py",
    settings: inThree,
    install: "pip install --target FOLDER redis, and PYTHONPATH=FOLDER",
    prepare: fromPythonPath,
  },
  {
    name: "hiredis",
    label: "hiredis",
    settings: ["default", "recommended"],
    install: "apt-get install gcc libhiredis-dev",
    prepare: compiled,
  },
  {
    name: "phpredis",
    label: "phpredis",
    settings: ["default", "new-object", "recommended"],
    install: "apt-get install php-cli php-redis",
    prepare: interpreted("phpredis.php", withRedis, ["-r", hasPhpredis]),
  },
  {
    name: "predis",
    label: "Predis",
    settings: ["default", "recommended"],
    install: "apt-get install php-cli php-predis",
    prepare: interpreted("predis.php", php, ["-r", hasPredis]),
  },
  {
    name: "redis-rb",
    label: "redis-rb",
    settings: inThree,
    install: "apt-get install ruby-redis",
    prepare: interpreted("redis-rb.rb", ["ruby"], ["-e", `require "redis"`]),
  },
];
