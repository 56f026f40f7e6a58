import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type Check, checks, root, runCheck } from "./checks.ts";

/** A mistake that one of the checks is there for. */
interface Fault {
  what: string;
  check: Check;
  file: string;
  /** The file with the fault in it, from what it held before (nothing, where it is a new one). */
  plant: (before: string) => string;
  /** A line that the check must print about it. */
  line: RegExp;
  /** Not together with others, which would hide it. */
  alone?: true;
}

const { types, style, unused, rooms, glossary, bundles } = checks;

const imports = (what: string, file: string, from: string, rule: string): Fault => ({
  what,
  check: rooms,
  file,
  plant: (before) => `import * as planted from "${from}";\n${before}\nexport const plantedToo = planted;\n`,
  line: new RegExp(`error ${rule}: .*${basename(file)}`),
});

const faults: Fault[] = [
  {
    what: "a type error",
    check: types,
    file: "src/cluster/planted.ts",
    plant: () => 'export const planted: number = "text";\n',
    line: /src\/cluster\/planted\.ts.*TS2322/,
  },
  {
    what: "a lint error",
    check: style,
    file: "src/cluster/planted.ts",
    plant: () => "export const planted: any = 1;\n",
    line: /src\/cluster\/planted\.ts.*noExplicitAny/,
  },
  {
    what: "a badly formatted file",
    check: style,
    file: "src/redis/planted.ts",
    plant: () => "export const planted   =   1\n",
    line: /src\/redis\/planted\.ts format/,
  },
  {
    what: "decide/ looking at the clock",
    check: style,
    file: "src/decide/planted.ts",
    plant: () => "export const planted = Date.now();\n",
    line: /src\/decide\/planted\.ts.*noRestrictedGlobals/,
  },
  {
    what: "a dead export",
    check: unused,
    file: "src/system/version.ts",
    plant: (before) => `${before}\nexport const planted = 1;\n`,
    line: /^planted +src\/system\/version\.ts/,
  },
  {
    what: "a file that nothing uses",
    check: unused,
    file: "src/cluster/planted.ts",
    plant: () => "export const planted = 1;\n",
    line: /^src\/cluster\/planted\.ts/,
  },
  {
    what: "a dependency that nothing uses",
    check: unused,
    file: "package.json",
    plant: (before) => before.replace('"devDependencies": {', '$&\n    "planted": "^1.0.0",'),
    line: /^planted +package\.json/,
  },
  imports("decide/ importing node:fs", "src/decide/planted-io.ts", "node:fs", "decide-is-pure"),
  imports("decide/ importing a room", "src/decide/planted-code.ts", "../redis/info.ts", "decide-is-pure"),
  imports("model/ importing decide/", "src/model/planted-decide.ts", "../decide/history.ts", "model-is-types"),
  imports("a room importing a lower one", "src/redis/planted-room.ts", "../failover/errors.ts", "room-redis"),
  imports("cluster/ logging", "src/cluster/planted-log.ts", "../log/log.ts", "room-cluster"),
  { ...imports("a cycle", "src/cluster/nearest.ts", "./load.ts", ""), line: /error no-cycles: src\/cluster\// },
  {
    ...imports("a cycle of types", "src/model/planted-a.ts", "./planted-b.ts", ""),
    line: /error no-cycles: src\/model\/planted-/,
  },
  {
    ...imports("the other half of that cycle", "src/model/planted-b.ts", "./planted-a.ts", ""),
    line: /error no-cycles: src\/model\/planted-/,
  },
  imports("a file in no room", "src/planted/planted-roomless.ts", "node:fs", "every-file-has-a-room"),
  imports("a room importing bin/", "src/monitor/planted-bin.ts", "../../bin/monitor.ts", "nothing-imports-bin"),
  imports("a room importing agent/", "src/admin/planted-agent.ts", "../agent/check-loop.ts", "room-admin"),
  imports("a hook's room with templates", "src/hooks/planted-hbs.ts", "handlebars", "templates-are-for-people"),
  imports(
    "the product importing a tool",
    "src/failover/planted-tool.ts",
    "../../scripts/build.ts",
    "no-tools-in-the-product",
  ),
  imports("an import that leads nowhere", "src/failover/planted-nowhere.ts", "./nowhere.ts", "resolvable"),
  {
    what: "a second word for one thing, as a part of a name",
    check: glossary,
    file: "src/cluster/planted.ts",
    plant: () => "export const lastWayOut = 1;\n",
    line: /src\/cluster\/planted\.ts:1: "way out" is called "remedy"/,
  },
  {
    what: "a second word for one thing, from one line of a comment to the next",
    check: glossary,
    file: "docs/planted.md",
    plant: () => "It says the way\nout.\n",
    line: /docs\/planted\.md:1: "way out" is called "remedy"/,
  },
  {
    what: "the monitor carrying winston",
    check: bundles,
    file: "src/keepalived/virtual-ip.ts",
    plant: (before) => `import "winston";\n${before}`,
    line: /^monitor carries winston$/,
    alone: true,
  },
  {
    what: "a monitor too big for its budget",
    check: bundles,
    file: "bin/monitor.ts",
    plant: (before) => `${before}\nprocess.env.PLANTED = "${"x".repeat(60_000)}";\n`,
    line: /^monitor has \d+ bytes, more than its/,
    alone: true,
  },
];

export interface Caught {
  what: string;
  /** The check's own line about the fault; none where it didn't see it. */
  line: string | undefined;
  output: string;
}

/** Plants the faults that one check is there for into copies of the project, and tells which of them it found. */
export async function plantFor(check: Check): Promise<Caught[]> {
  const mine = faults.filter((fault) => fault.check === check);
  const together = mine.filter(({ alone }) => !alone);
  const rounds = [...(together.length > 0 ? [together] : []), ...mine.filter(({ alone }) => alone).map((one) => [one])];
  const caught: Caught[] = [];
  for (const round of rounds) caught.push(...(await plant(check, round)));
  return caught;
}

async function plant(check: Check, round: readonly Fault[]): Promise<Caught[]> {
  const folder = copyOfProject();
  try {
    for (const { file, plant } of round) write(join(folder, file), plant(textOf(join(root, file))));
    const { passed, output } = await runCheck(check, folder);
    const seen = (fault: Fault) => output.split("\n").find((line) => fault.line.test(line));
    return round.map((fault) => ({
      what: fault.what,
      line: passed ? undefined : seen(fault)?.trim(),
      output,
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A copy of the project as it stands, committed or not, that shares the installed packages. */
function copyOfProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-copy-"));
  const left = new Set(["node_modules", "dist", "packages", ".git"].map((name) => join(root, name)));
  cpSync(root, folder, { recursive: true, filter: (path) => !left.has(path) });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
