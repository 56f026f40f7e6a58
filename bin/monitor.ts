import { appendFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { type Check, check } from "../src/act/monitor.ts";
import { UsageError } from "../src/cluster/errors.ts";
import { loadOrLastGood } from "../src/cluster/last-good.ts";
import { hostAddresses, localNode } from "../src/cluster/local-node.ts";
import { readPassword } from "../src/cluster/password.ts";
import { pathsOf } from "../src/cluster/paths.ts";
import { type Level, logLine } from "../src/log-line.ts";
import { version } from "../src/version.ts";

// Keepalived starts this every second, so it carries neither yargs (34 ms a start) nor winston (18 ms) nor ioredis (33 ms).

const help = `May this node hold the virtual IP? Exit 0 yes, 1 no, 2 wrong usage or cluster file.

Usage: monitor [options]

  --cluster FILE   the cluster file (default: KEEPALIVED_REDIS_CLUSTER or /etc/keepalived-redis/cluster.toml)
  --node NAME      which node this is (default: by this host's addresses)
  --json           print the verdict as JSON
  --log-level      error, warn, info or debug: changes of verdict are logged as warn and info
  --help, --version
`;

interface Values {
  cluster?: string;
  node?: string;
  json?: boolean;
  help?: boolean;
  version?: boolean;
}

async function main(): Promise<number> {
  const { values } = options();
  if (values.help) return say(help, 0);
  if (values.version) return say(`${version}\n`, 0);
  const { cluster, broken } = await loadOrLastGood(
    values.cluster ?? (process.env.KEEPALIVED_REDIS_CLUSTER || "/etc/keepalived-redis/cluster.toml"),
  );
  const addresses = hostAddresses();
  const node = localNode(cluster, values.node, addresses);
  // Keepalived's own environment reaches the hooks as it reached us; what was said on our command line must be said again.
  const hookOptions = ["cluster", "node"].flatMap((name) => {
    const value = values[name as "cluster" | "node"];
    return value === undefined ? [] : [`--${name}`, value];
  });
  const job: Check = {
    cluster,
    node,
    password: readPassword(cluster),
    paths: pathsOf(cluster),
    addresses,
    broken,
    binFolder: dirname(__filename),
    hookOptions,
  };
  const { verdict, news } = await check(job);
  if (news) log(job, news.level, news.message, news.fields);
  if (values.json) say(`${JSON.stringify(verdict)}\n`, 0);
  else if (!verdict.healthy) process.stderr.write(`monitor: ${verdict.cause}: ${verdict.detail}\n`);
  return verdict.healthy ? 0 : 1;
}

function options(): { values: Values } {
  // As Keepalived runs it where everything is at its default; parseArgs alone costs a millisecond.
  if (process.argv.length === 2) return { values: {} };
  try {
    const text = { type: "string" } as const;
    const flag = { type: "boolean" } as const;
    return parseArgs({
      allowPositionals: true,
      options: { cluster: text, node: text, "log-level": text, json: flag, help: flag, version: flag },
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ")[0] ?? "", { hint: "monitor --help lists the options" });
  }
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

function log(
  { cluster, node, paths, password }: Check,
  level: Level,
  message: string,
  fields: Record<string, unknown>,
): void {
  const origin = { node: node.name, cluster: cluster.name, executable: "monitor" };
  try {
    appendFileSync(paths.log, `${logLine(level, message, origin, fields, password ? [password] : [])}\n`, {
      mode: 0o644,
    });
  } catch {
    // The verdict counts more than the line about it.
  }
}

// At once: waiting for the connection to be taken down would cost another millisecond.
main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(
      `monitor: ${error.message}\n${error instanceof UsageError && error.hint ? `  ${error.hint}\n` : ""}`,
    );
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
