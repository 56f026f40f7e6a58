import assert from "node:assert/strict";
import { redisProgram } from "../../programs.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import { scenario } from "../scenario.ts";
import type { Server } from "../server/server.ts";

/** The faults of the network and of hosts that only the random faults use, without the product. */

const plain = { profile: "plain" } as const;

async function connect_ms(server: Server, to: Server, password = ""): Promise<number> {
  const start_ms = monotonic_ms();
  await server.must(["env", `REDISCLI_AUTH=${password}`, redisProgram("cli"), "-h", to.address, "ping"]);
  return monotonic_ms() - start_ms;
}

scenario("a slow link delays packets both ways, also after a reboot, until it ends", plain, async (lab) => {
  const { server11, server12, password } = lab;
  await Promise.all([server11.startRedis(), server12.startRedis()]);
  const usual_ms = await connect_ms(server11, server12, password);
  await server11.slowDown(server12, { delay_ms: 40, lost_percent: 0 });
  // The handshake, AUTH and PING take a round trip each.
  assert.ok((await connect_ms(server11, server12, password)) > usual_ms + 150);
  await server12.powerOff();
  await server12.powerOn();
  await server12.startRedis();
  assert.ok((await connect_ms(server11, server12, password)) > usual_ms + 150);
  assert.ok((await connect_ms(server12, server11, password)) > usual_ms + 150);
  await server11.endSlow();
  assert.ok((await connect_ms(server11, server12, password)) < usual_ms + 100);
});

scenario("blocked VRRP makes two holders that can still reach each other", plain, async (lab) => {
  const { server11, server12, password } = lab;
  await lab.bringUp();
  await server11.blockVrrpTo(server12);
  await lab.until(() => server12.holdsVip(), 3, "server12 holds the virtual IP, too");
  assert.ok(server11.holdsVip());
  await connect_ms(server12, server11, password);
  await server11.allowVrrpTo(server12);
  await lab.until(() => !server12.holdsVip(), 3, "server12 hears server11 again");
});

scenario("a paused host stands still, and goes on without what was stopped before", plain, async (lab) => {
  const { server11 } = lab;
  await server11.startRedis();
  await server11.startKeepalived();
  await lab.until(() => server11.vrrpState() === "BACKUP", 3, "all processes of Keepalived run");
  await server11.hangKeepalived();
  // A signal takes effect a moment later.
  await sleep(100);
  server11.pause();
  assert.equal(await server11.info(), undefined);
  server11.resume();
  await lab.until(async () => (await server11.info()) !== undefined, 2, "Redis answers again");
  await sleep(1500);
  assert.ok(!server11.holdsVip());
  await server11.resumeKeepalived();
  await lab.until(() => server11.holdsVip(), 3, "Keepalived goes on");
});
