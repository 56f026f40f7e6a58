import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import type { Lab } from "./lab.ts";
import { isPair } from "./roles.ts";
import { scenario } from "./scenario.ts";
import type { Server } from "./server/server.ts";

/** What a real journald gets, and `timeline --journal` reads. */

const journald = ["/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald"].find(existsSync);
// It is that of a host here, so it leaves the kernel's messages alone.
const settings = "[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\nForwardToSyslog=no\nForwardToWall=no\n";

async function startJournald(lab: Lab, server: Server, program: string): Promise<void> {
  const make = "mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal/$(cat /etc/machine-id)";
  await server.must(["sh", "-c", `${make} && printf '${settings}' >/run/systemd/journald.conf.d/lab.conf`]);
  server.spawn([program]);
  await lab.until(() => existsSync(server.at("/run/systemd/journal/socket")), 20, "journald listens");
}

if (journald === undefined) test("the journal", { skip: "systemd-journald is missing" }, () => undefined);
else
  for (const profile of ["hooks", "agent"] as const)
    scenario(
      `the journal has what the log file has, and timeline --journal tells the same story, profile ${profile}`,
      { profile, seconds: 90 },
      async (lab) => {
        const { server11, server12 } = lab;
        for (const server of lab.servers) await startJournald(lab, server, journald);
        const nothing = await server11.run(["timeline", "--journal"]);
        assert.equal(nothing.code, 1);
        assert.match(nothing.stderr, /the journal has no line of keepalived-redis\n {2}.*FILE/);
        await lab.bringUp();
        await server11.killRedis();
        await server11.startRedis();
        await lab.until(() => isPair(server12, server11), 30, "server12 serves, and server11 follows");
        const story = async (...places: string[]) => {
          const { code, stdout, stderr } = await server12.run(["timeline", "--json", "--since", "1h", ...places]);
          assert.equal(code, 0, stderr);
          return JSON.parse(stdout);
        };
        // The entries of a hook arrive a moment after its line is in the file.
        const same = async () => assert.deepEqual(await story("--journal"), await story()) === undefined;
        await lab.until(same, 20, "the journal has all lines");
        const { incidents } = await story("--journal");
        assert.match(JSON.stringify(incidents), /server12 became master/);
      },
    );
