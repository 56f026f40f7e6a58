import { endGroup, monotonic_ms } from "../machine/process.ts";
import { binFolder, type Server } from "../server/server.ts";
import { pathOf } from "./fixtures.ts";
import type { BadInput } from "./inputs.ts";

export interface Ending {
  /** null if a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

/** The time that an executable may take, in seconds. */
export const deadline_s = 25;
/** Those that run until they are told to stop are told after this time, in seconds. */
const run_s = 2;
const path = "/usr/tools:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const environments: Record<BadInput["environment"], string[]> = {
  usual: [`PATH=${path}`, "HOME=/root", "LANG=C.UTF-8"],
  empty: [`PATH=${path}`],
  "no HOME": [`PATH=${path}`, "HOME=/nowhere", "TERM=dumb", "TZ=No/Where"],
  odd: [`PATH=${path}`, "HOME=", "COLUMNS=-3", "LANG=xx_XX", "LC_ALL=\x1b", "NO_COLOR=", "TZ=", "SHELL=/no/such/shell"],
};
const redirections = {
  stdin: { none: "</dev/null", closed: "<&-", zeros: "</dev/zero", random: "</dev/urandom" },
  stdout: { read: "", closed: ">&-", gone: "", full: ">/dev/full" },
} as const;

export const runsOn = ({ executable, args }: BadInput): boolean =>
  executable === "agent" || (executable === "status" && args.includes("--watch"));

/** Starts the executable with the input and waits for its end. Output beyond 200 kB is left out. */
export function runInput(server: Server, input: BadInput): Promise<Ending> {
  const { executable, args, cluster, by, environment, user, stdin, stdout } = input;
  // check-health is given a command, not options.
  const named = by === "option" && executable !== "check-health" ? ["--cluster", pathOf(cluster)] : [];
  const set = by === "environment" ? [`KEEPALIVED_REDIS_CLUSTER=${pathOf(cluster)}`] : [];
  const script = `exec "$@" ${redirections.stdin[stdin]} ${redirections.stdout[stdout]}`;
  const limit = ["timeout", "--preserve-status", "--kill-after", "5", String(runsOn(input) ? run_s : deadline_s)];
  const become = user === "root" ? [] : ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const program = ["env", "-i", ...environments[environment], ...set, `${binFolder}/${executable}`, ...named, ...args];
  const started = monotonic_ms();
  const child = server.spawn(["sh", "-c", script, "sh", ...limit, ...become, ...program]);
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.setEncoding("utf8").on("data", (text: string) => {
      if (output[stream].length < 200_000) output[stream] += text;
    });
  if (stdout === "gone") child.stdout?.destroy();
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      // What it has started may keep its output open.
      setTimeout(() => {
        endGroup(child);
        resolve({ code, ...output, ms: monotonic_ms() - started });
      }, 20);
    });
  });
}
