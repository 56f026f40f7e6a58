import { type Cell, cells, type SuiteName, suites } from "./cells.ts";
import type { Reach, Run } from "./record.ts";

/** docs/reach.md: what was run where, and when. */
export function pageOf(reach: Reach): string {
  return [introduction, table(reach), ...problems(reach), ...settings(reach), ""].join("\n");
}

const introduction = `# Reach

On which systems this was run, when, and with what result. Written by \`npm run reach\`, which makes each system as a tree of
\`debootstrap\` and runs the tests of a commit in it, on the kernel of the machine that it runs on. As root; \`--list\` names the cells,
\`--only debian-13\` or \`--only debian-13:redis\` chooses some. A cell that another run leaves out keeps its last result.

- **keepalived -t**: the golden configurations of \`generate-config\`.
- **Redis suite**: \`test/redis\`, real servers and the built executables.
- **lab**: whole hosts in ${suites.lab.files.map((file) => `\`${file.replace("lab/", "").replace(".test.ts", "")}\``).join(", ")} of \`test/lab\`.
- **other settings**: \`test/reach/other-settings.test.ts\` and \`fractions.test.ts\`, and \`test/lab/least-privilege.test.ts\`, the ACL user of
  \`generate-config --acl\` and nothing more; in detail below.
- **upgrade**: \`test/reach/rolling-upgrade.test.ts\`, one host after the other is upgraded while a client writes.

A test that fails is run once more, by itself: on a busy machine some miss their limits of time. Such tests are named below.

A cell is the number of tests that passed, with the day and the commit (\`+\`: and changes that it does not have). \`-\` is no part of that cell.
`;

function table(reach: Reach): string {
  const names = Object.keys(suites) as SuiteName[];
  const rows = cells.map((cell) => [
    `${cell.system} (\`${cell.name}\`)`,
    programs(cell, reach),
    ...names.map((suite) => cellOf(cell, suite, reach)),
  ]);
  return markdown(["system", "versions", ...names.map((name) => suites[name].title)], rows);
}

function programs({ name, node }: Cell, reach: Reach): string {
  const versions = reach[name]?.versions ?? {};
  const known = (["keepalived", "redis", "valkey"] as const).flatMap((program) =>
    versions[program] ? `${titles[program]} ${versions[program]}` : [],
  );
  return [...known, ...(versions.node ? [`Node ${versions.node}`] : /^\d/.test(node) ? [`Node ${node}`] : [])].join(
    ", ",
  );
}

const titles = { keepalived: "Keepalived", redis: "Redis", valkey: "Valkey" };

function cellOf(cell: Cell, suite: SuiteName, reach: Reach): string {
  if (!cell.suites.includes(suite)) return "-";
  const run = reach[cell.name]?.runs[suite];
  if (!run) return "not run";
  const skipped = run.skipped.length > 0 ? `, ${run.skipped.length} skipped` : "";
  const result = run.broken
    ? "broken off"
    : run.failed.length > 0
      ? `**${run.failed.length} failed**, ${run.passed} passed`
      : `${run.passed} passed`;
  return `${result}${skipped}, ${run.date}, \`${run.commit}\``;
}

/** What failed, was skipped or was said. */
function problems(reach: Reach): string[] {
  const lines = cells.flatMap((cell) =>
    cell.suites.flatMap((suite) => {
      const run = reach[cell.name]?.runs[suite];
      return run ? problemsOf(run).map((text) => `- \`${cell.name}\`, ${suites[suite].title}: ${text}`) : [];
    }),
  );
  return lines.length === 0 ? [] : ["## What failed, was skipped or was said", "", ...lines, ""];
}

const problemsOf = ({ failed, again, skipped, said = [], broken }: Run): string[] => [
  ...failed.map((name) => `failed: ${name}`),
  ...again.map((name) => `passed at the second attempt, by itself: ${name}`),
  ...skipped.map((name) => `skipped: ${name}`),
  ...said.map((line) => `\`${line}\``),
  ...(broken ? [`no result: ${broken}`] : []),
];

/** One row for each test of a suite whose tests are listed, one column for each cell that has it. */
function settings(reach: Reach): string[] {
  return (["settings", "upgrade"] as const).flatMap((suite) => {
    const having = cells.filter((cell) => cell.suites.includes(suite));
    const runs = having.map((cell) => reach[cell.name]?.runs[suite]);
    const tests = [
      ...new Set(runs.flatMap((run) => (run ? [...(run.listed ?? []), ...run.failed, ...run.skipped] : []))),
    ];
    if (tests.length === 0) return [];
    const outcome = (run: Run | undefined, name: string) =>
      run?.listed?.includes(name)
        ? "passed"
        : run?.failed.includes(name)
          ? "**failed**"
          : run?.skipped.includes(name)
            ? "skipped"
            : "not run";
    const rows = tests.map((name) => [name, ...runs.map((run) => outcome(run, name))]);
    return [`## ${suites[suite].title}`, "", markdown(["test", ...having.map(({ name }) => name)], rows), ""];
  });
}

const markdown = (head: string[], rows: string[][]): string =>
  `${[head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
