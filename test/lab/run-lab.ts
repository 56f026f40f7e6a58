import { once } from "node:events";
import { parseArgs } from "node:util";
import { startLab } from "./lab.ts";
import { sleep } from "./machine/process.ts";

/** `npm run lab`: two hosts in their normal state, which keep running for experiments until Ctrl-C. */

const { values } = parseArgs({
  options: { profile: { type: "string", default: "hooks" }, once: { type: "boolean", default: false } },
});
const profile = (["hooks", "agent", "plain"] as const).find((one) => one === values.profile);

async function runLab(): Promise<void> {
  if (!profile) throw new Error(`no profile "${values.profile}": hooks, agent or plain`);
  const lab = await startLab({ profile });
  try {
    await lab.bringUp();
    for (const host of [...lab.servers, lab.client]) {
      console.log(`${host.name} ${host.address}: ${host.enterCommand()}`);
    }
    // Before the next line, since a signal may follow that line at once.
    const end = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    console.log(`VIP ${lab.vip}, port 6379, password ${lab.password}`);
    if (values.once) return console.log(await lab.summary());
    console.log("Ctrl-C ends the lab.\n");
    let ended = false;
    void end.then(() => {
      ended = true;
    });
    let last = "";
    while (!ended) {
      const now = (await lab.summary()).replaceAll(/, offset \d+/g, "");
      if (now !== last) console.log(`${new Date().toISOString()}\n${now}`);
      last = now;
      await Promise.race([end, sleep(200)]);
    }
  } finally {
    await lab.stop();
  }
}

// The esbuild service and open timers would keep the process running.
runLab().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
