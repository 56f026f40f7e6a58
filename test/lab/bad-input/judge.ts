import { isUsable, misplaced, secret } from "./fixtures.ts";
import type { BadInput } from "./inputs.ts";
import { deadline_s, type Ending, runsOn } from "./run-input.ts";

/** What must be in no output. */
export const secrets = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64"), misplaced];

const stackTrace = /^\s+at .+[:(]|node:internal|\bNode\.js v\d/m;
const controls = /[^\P{Cc}\t\n]/u;

const endedBySigterm = 143;

/** What is wrong with how it ended; empty if all is as documented. */
export function complaints(input: BadInput, { code, stdout, stderr, ms }: Ending): string[] {
  const output = stdout + stderr;
  const spoken = input.stdout === "read";
  const expected = codesOf(input);
  // It was told to stop before it had begun to listen for that.
  if (runsOn(input) && code === endedBySigterm) return [];
  const found: [boolean, string][] = [
    [code === null || !expected.includes(code), `exit code ${code}, not ${expected.join(" or ")}`],
    [stackTrace.test(output), "a stack trace"],
    [/: unexpected: (?!ENOSPC)/.test(output), "an error that nobody expected"],
    [secrets.some((one) => output.includes(one)), "a secret"],
    [controls.test(output), "control characters"],
    [ms > deadline_s * 1000, `no end within ${deadline_s} s`],
    [spoken && code !== 0 && output === "" && input.executable !== "check-health", "not a word of what is wrong"],
    [
      code === 2 && !isCheck(input) && !usage(input.executable).test(stderr),
      "no usage error of one line with a remedy",
    ],
    [spoken && code === 3 && !/^UNKNOWN: [^\n]+\n$/.test(stdout), "no line for a monitoring system"],
  ];
  return found.flatMap(([is, what]) => (is ? [what] : []));
}

const usage = (name: string) => new RegExp(`^${name}: [^\\n]+\\n(  [^\\n]+\\n)?$`);

/** To a monitoring system an exit code of 2 is critical, so wrong usage and a wrong cluster file have another one. */
const isCheck = ({ executable, args }: BadInput): boolean =>
  executable === "status" && args.some((one) => /^--check(=|$)/.test(one));

/** The exit codes that are documented for the input. */
function codesOf(input: BadInput): number[] {
  const { executable, args, wrong, cluster, user, stdout } = input;
  const full = stdout === "full" ? [1] : [];
  // 126 and 127 are those of sh for a command that it can't run.
  if (executable === "check-health") return [0, 1, 2, 126, 127];
  const unusable = isCheck(input) ? [3] : [2];
  if (args.some((one) => /^--(help|version)/.test(one))) return [0, ...unusable, ...full];
  if (wrong) return unusable;
  const needsCluster = !["timeline", "init"].includes(executable) && !args.includes("--list");
  if (!isUsable(cluster, user) && needsCluster && !overridden(input) && !goesOn(input)) return unusable;
  return [0, 1, 2, ...unusable];
}

/** Another option names the cluster file. */
const overridden = ({ args }: BadInput): boolean => args.some((one) => one.startsWith("--cluster"));

/** The monitor and status go on without a password: Redis then rejects the login. */
const goesOn = ({ executable, cluster }: BadInput): boolean =>
  ["monitor", "status"].includes(executable) && /password/.test(cluster) && !/wrong place|VRRP/.test(cluster);
