import { build } from "../../scripts/build.ts";
import { course } from "./demo/course.ts";
import { Interrupted, interruption } from "./demo/interruption.ts";
import { Screen } from "./demo/screen.ts";
import { type Lab, startLab } from "./lab.ts";
import { logTails } from "./watch/describe.ts";

/**
 * `npm run demo`: a pair fails over and comes back before one's eyes, on hosts that end with it. Exit code 0 when all
 * is as it should be, 1 when something is not, 128 and its number when a signal ended it.
 */

const screen = new Screen(process.stdout);
const problems: string[] = [];
let lab: Lab | undefined;

async function play(): Promise<void> {
  screen.line();
  screen.say("keepalived-redis: what a crash of the master costs, and how it is made good", "bold");
  screen.say(
    "Real Redis, real Keepalived and the executables just built, on two hosts made of Linux namespaces, all in memory. Takes about half a minute; Ctrl-C ends it at any time.",
  );
  screen.status(() => "building, starting the hosts");
  await build();
  // What the writer writes would be compressed to a quarter, and the copy be no measure for real data.
  const redis = { replicaofLine: true, conf: ["rdbcompression no"] };
  lab = await startLab({ redis, cluster: { redis: { persistence: "replica" } } });
  await course({ lab, screen, problems });
}

/** Ends the hosts in any case, then says how it went; the exit code. */
async function demo(): Promise<number> {
  const failure = await Promise.race([play(), interruption()]).catch((error: Error) => error);
  screen.close();
  // Nothing else of the hosts remains to look at.
  const logs = failure && !(failure instanceof Interrupted) && lab ? `${logTails(lab.servers, 10)}\n\n` : "";
  await lab?.stop();
  if (failure) {
    console.error(`\n${logs}demo: ${failure.message}`);
    return failure instanceof Interrupted ? failure.code : 1;
  }
  if (problems.length > 0) {
    console.error(`\ndemo: not as it should be:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    return 1;
  }
  screen.line();
  screen.say("All is as it should be. The two hosts are gone again, and nothing of them is left.", "green");
  screen.say("npm run lab   leaves two such hosts running, to look at and to break");
  screen.say("README.md     how to set it up on your own two hosts");
  return 0;
}

// The esbuild service and whatever waits would keep the process: there is nothing left to wait for.
demo().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(`demo: ${error.message}`);
    process.exit(1);
  },
);
