import { build } from "../../scripts/build.ts";
import { DemoOutput } from "./demo/demo-output.ts";
import { Interrupted, interruption } from "./demo/interruption.ts";
import { runDemo } from "./demo/run-demo.ts";
import { writeTimelinePage } from "./demo/timeline-page.ts";
import { type Lab, startLab } from "./lab.ts";
import { logTails } from "./watch/server-summary.ts";

/**
 * `npm run demo`: a pair of hosts fails over and recovers. Exit code 0 if everything was right, 1 if something was not, 128 plus
 * its number after a signal.
 */

const output = new DemoOutput(process.stdout);
const problems: string[] = [];
let lab: Lab | undefined;
let page = "";

async function runParts(): Promise<void> {
  output.line();
  output.paragraph("keepalived-redis: crash and recovery of a Redis master", "bold");
  output.paragraph(
    "Real Redis, real Keepalived and the executables that were just built run on two hosts made of Linux namespaces, all in memory. This takes about half a minute. Ctrl-C ends it.",
  );
  output.status(() => "building, starting the hosts");
  await build();
  // The writer's values would be compressed to a quarter, and the size of the copy would say nothing about real data.
  const redis = { replicaofLine: true, conf: ["rdbcompression no"] };
  lab = await startLab({ redis, cluster: { redis: { persistence: "replica" } } });
  await runDemo({ lab, output, problems });
  page = await writeTimelinePage(lab);
}

/** Runs the demo, ends the hosts in any case, and returns the exit code. */
async function demo(): Promise<number> {
  const failure = await Promise.race([runParts(), interruption()]).catch((error: Error) => error);
  output.close();
  // The logs are lost with the hosts.
  const logs = failure && !(failure instanceof Interrupted) && lab ? `${logTails(lab.servers, 10)}\n\n` : "";
  await lab?.stop();
  if (failure) {
    console.error(`\n${logs}demo: ${failure.message}`);
    return failure instanceof Interrupted ? failure.code : 1;
  }
  if (problems.length > 0) {
    console.error(`\ndemo: failed:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    return 1;
  }
  output.line();
  output.paragraph("All checks passed. The two hosts have ended, and nothing of them remains.", "green");
  output.paragraph(`${page}  all of it as timeline tells it from the logs: open it in a browser`);
  output.paragraph("npm run lab   starts two such hosts and leaves them running, for experiments");
  output.paragraph("README.md     how to set up keepalived-redis on your own hosts");
  return 0;
}

// The esbuild service and open timers would keep the process running.
demo().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(`demo: ${error.message}`);
    process.exit(1);
  },
);
