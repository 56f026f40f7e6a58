import { processesOf } from "../machine/host-processes.ts";
import { sleep } from "../machine/process.ts";
import { drainMark, emptyDisk, fillDisk, hookName } from "./fault-commands.ts";
import type { Fault } from "./fault-context.ts";

/** Faults of Keepalived, the hooks, the agent and the disk, and what an operator does meanwhile. */

export const stopKeepalived: Fault = async (context, { server, for_ms }) => {
  // One that hangs as well, as systemd does it: after SIGTERM it sends SIGCONT (systemd.kill(5)).
  if (server.keepalivedRuns) await server.resumeKeepalived();
  await server.stopKeepalived();
  if (await context.lasts(for_ms)) await server.startKeepalived();
};

export const killKeepalived: Fault = async (context, { server, for_ms }) => {
  await server.killKeepalived();
  if (await context.lasts(for_ms)) await server.startKeepalived();
};

export const hangKeepalived: Fault = async (context, { server, for_ms }) => {
  await server.hangKeepalived();
  if (await context.lasts(for_ms)) await server.resumeKeepalived();
};

export const reloadKeepalived: Fault = (_, { server }) => server.reloadKeepalived();

export const killAgent: Fault = async (context, { server, for_ms }) => {
  await server.killAgent();
  if (await context.lasts(for_ms)) await server.startAgent();
};

export const hangAgent: Fault = async (context, { server, for_ms }) => {
  await server.hangAgent();
  if (await context.lasts(for_ms)) await server.resumeAgent();
};

/** Kills the next hook at this age. */
export const killHook: Fault = async (context, { server, for_ms: age_ms }) => {
  while (!context.healing.signal.aborted) {
    const hook = server.firstProcess === undefined ? undefined : processesOf(server.firstProcess).find(hookName);
    if (hook) {
      await sleep(age_ms);
      try {
        process.kill(hook.pid, "SIGKILL");
      } catch {
        throw new Error("the hook had ended already");
      }
      context.event();
      context.print(`killed ${hookName(hook)} on ${server.name}`);
      return;
    }
    await sleep(5);
  }
  throw new Error("no hook ran");
};

export const fillTheDisk: Fault = async (context, { server, for_ms }) => {
  await server.must(["sh", "-c", fillDisk]);
  if (await context.stays(for_ms)) await server.must(["sh", "-c", emptyDisk]);
};

export const drain: Fault = async (context, { server, for_ms }) => {
  await server.must(["sh", "-c", `echo 1 >${drainMark}.new && mv ${drainMark}.new ${drainMark}`]);
  if (await context.lasts(for_ms)) await server.must(["rm", "-f", drainMark]);
};

/** An operator moves the role from this node to the other one. It may be refused, but must say why. */
export const plannedMove: Fault = async (context, { server, peer }) => {
  // It may wait for seconds before it moves the role.
  const events = setInterval(() => context.event(), 3000);
  const host = server.firstProcess;
  const { code, stdout, stderr } = await server
    .run(["switchover", "--to", peer.name], { deadline_ms: 40_000 })
    .catch((error: Error) => {
      if (error.message.startsWith("no end within"))
        context.problems.push(`switchover on ${server.name}: ${error.message}`);
      throw error;
    })
    .finally(() => clearInterval(events));
  const output = `${stdout}${stderr}`.trim();
  context.print(`switchover to ${peer.name} ended: exit ${code}: ${output.replaceAll("\n", " | ")}`);
  // A host that is switched off meanwhile ends the command by a signal, a moment before it counts as off (seed 2501, round 21).
  if (code === null) await sleep(1000);
  if (code === 0 || (code === null && server.firstProcess !== host)) return;
  if (code === 1 && output !== "" && !/^\s+at /m.test(output)) throw new Error("it was refused");
  context.problems.push(`switchover on ${server.name} ended with ${code}: ${output}`);
};
