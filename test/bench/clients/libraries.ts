import { compiledByGcc, forNode, fromPythonPath, interpreted, type Program } from "./programs.ts";

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
  {
    name: "iovalkey",
    label: "iovalkey",
    settings: likeIoredis,
    install: "npm ci",
    prepare: forNode("ioredis.mjs", { ioredis: "iovalkey" }),
  },
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
    prepare: compiledByGcc,
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
