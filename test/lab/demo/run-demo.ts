import { crash } from "./crash.ts";
import { showFigures } from "./figures.ts";
import { drawNodes } from "./picture.ts";
import { recovery } from "./recovery.ts";
import { thousands } from "./screen.ts";
import { load, type Stage, settled } from "./stage.ts";
import { verification } from "./verification.ts";

const keysBefore = 232_000;
const keysInAll = 250_000;
// The watch looks at both servers every 5 ms, one after the other: so long may seem what was never.
const watchStep_ms = 10;

/** The demo from the first start to the last figure: a pair is set up, fails, goes on, recovers and is checked. */
export async function course(stage: Stage): Promise<void> {
  const { lab, screen, problems } = stage;
  screen.title("1  Two hosts, one address");
  screen.status(() => "starting Redis and Keepalived on both");
  await lab.bringUp();
  await settled(lab);
  screen.status(undefined);
  await drawNodes(lab, screen);
  screen.say(
    "Applications know the virtual IP (VIP) only. Keepalived gives it to a node whose Redis is well, and our hooks make Redis follow. Only the replica writes snapshots, so that the master never waits for a disk.",
  );

  screen.title(`2  Load: ${thousands(keysBefore)} keys through the VIP, into database 1`);
  const first = await load(stage, keysBefore);
  screen.say(`Written, ${thousands(first.writesPerSecond)} a second, 100 bytes each; the replica copies as they come.`);

  screen.title("3  Crash: kill -9 of the master's Redis while a client writes");
  const watch = lab.watchMasters();
  const crashed = await crash(stage);
  await drawNodes(lab, screen);

  screen.title(`4  Writing on, to ${thousands(keysInAll)} keys`);
  const second = await load(stage, keysInAll - keysBefore);
  screen.say("server12 serves alone. Having no replica, it writes the snapshots itself until it has one again.");

  screen.title("5  Recovery: server11 comes back, and is the master again");
  screen.say("One command on the failed host, while a client writes through the VIP.");
  const recovered = await recovery(stage);
  screen.status(() => "waiting until server12's next check has passed");
  await settled(lab);
  screen.status(undefined);
  const { twoMasters_ms } = await watch.stop();
  if (twoMasters_ms > watchStep_ms) problems.push(`two masters took writes for ${Math.round(twoMasters_ms)} ms`);
  await drawNodes(lab, screen);

  screen.title("6  Verification: every key, on both nodes");
  const written = { loads: [first, second], crash: crashed, recovery: recovered };
  const verified = await verification(stage, written);
  if (verified.written !== keysInAll) problems.push(`${verified.written} keys were written, not ${keysInAll}`);

  screen.title("7  What was measured");
  showFigures({ ...written, twoMasters_ms, verified }, screen);
}
