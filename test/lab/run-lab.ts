import { once } from "node:events";
import { parseArgs } from "node:util";
import { startLab } from "./lab.ts";
import { sleep } from "./machine/process.ts";

/** `npm run lab`: two hosts as on a good day, left running for a person to look at and to break. */

const { values } = parseArgs({
  options: { profile: { type: "string", default: "hooks" }, once: { type: "boolean", default: false } },
});
const profile = (["hooks", "agent", "plain"] as const).find((one) => one === values.profile);

async function stay(): Promise<void> {
  if (!profile) throw new Error(`no profile "${values.profile}": hooks, agent or plain`);
  const lab = await startLab({ profile });
  try {
    await lab.bringUp();
    for (const host of [...lab.servers, lab.client]) {
      console.log(`${host.name} ${host.address}: ${host.enterCommand()}`);
    }
    // Before it says that it is there: whoever hears that may end it at once.
    const end = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    console.log(`VIP ${lab.vip}, port 6379, password ${lab.password}`);
    if (values.once) return console.log(await lab.describe());
    console.log("Ctrl-C ends it all.\n");
    let ended = false;
    void end.then(() => {
      ended = true;
    });
    let last = "";
    while (!ended) {
      const now = (await lab.describe()).replaceAll(/, offset \d+/g, "");
      if (now !== last) console.log(`${new Date().toISOString()}\n${now}`);
      last = now;
      await Promise.race([end, sleep(200)]);
    }
  } finally {
    await lab.stop();
  }
}

// The esbuild service and whatever waits would keep the process: there is nothing left to wait for.
stay().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
