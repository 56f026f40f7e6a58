import { crash } from "./crash.ts";
import { type DemoContext, waitForNormalState, writeKeys } from "./demo-context.ts";
import { thousands } from "./demo-output.ts";
import { printFigures } from "./figures.ts";
import { printNodeDiagram } from "./node-diagram.ts";
import { recovery } from "./recovery.ts";
import { verification } from "./verification.ts";

const keysBeforeCrash = 232_000;
const allKeys = 250_000;
// The watch reads both servers every 5 ms, one after the other. A shorter time than this may be a measuring error.
const watchError_ms = 10;

/** All parts of the demo: a pair is set up, fails, goes on, recovers and is verified. */
export async function runDemo(context: DemoContext): Promise<void> {
  const { lab, output, problems } = context;
  output.title("1  Two hosts, one address");
  output.status(() => "starting Redis and Keepalived on both");
  await lab.bringUp();
  await waitForNormalState(lab);
  output.status(undefined);
  await printNodeDiagram(lab, output);
  output.paragraph(
    "Applications know only the virtual IP (VIP). Keepalived assigns it to a node whose Redis is healthy, and the hooks of keepalived-redis make Redis follow. Only the replica writes snapshots, so that the master never waits for a disk.",
  );

  output.title(`2  Load: ${thousands(keysBeforeCrash)} keys through the VIP, into database 1`);
  const first = await writeKeys(context, keysBeforeCrash);
  output.paragraph(
    `Written, ${thousands(first.writesPerSecond)} a second, 100 bytes each. The replica receives each write at once.`,
  );

  output.title("3  Crash: kill -9 of the master's Redis while a client writes");
  const watch = lab.watchMasters();
  const crashed = await crash(context);
  await printNodeDiagram(lab, output);

  output.title(`4  More load, up to ${thousands(allKeys)} keys`);
  const second = await writeKeys(context, allKeys - keysBeforeCrash);
  output.paragraph("server12 has no replica. Until it has one again, it writes the snapshots itself.");

  output.title("5  Recovery: server11 comes back and becomes master again");
  output.paragraph("One command on the failed host, while a client writes through the VIP.");
  const recovered = await recovery(context);
  output.status(() => "waiting for the next check on server12");
  await waitForNormalState(lab);
  output.status(undefined);
  const { twoMasters_ms } = await watch.stop();
  if (twoMasters_ms > watchError_ms) problems.push(`two masters accepted writes for ${Math.round(twoMasters_ms)} ms`);
  await printNodeDiagram(lab, output);

  output.title("6  Verification: every key, on both nodes");
  const written = { loads: [first, second], crash: crashed, recovery: recovered };
  const verified = await verification(context, written);
  if (verified.written !== allKeys) problems.push(`${verified.written} keys were written, not ${allKeys}`);

  output.title("7  What was measured");
  printFigures({ ...written, twoMasters_ms, verified }, output);
}
