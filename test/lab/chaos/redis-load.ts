import { once } from "node:events";
import { ReplyError } from "../../../src/redis/session.ts";
import { monotonic_ms } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import type { Fault, FaultContext } from "./fault-context.ts";

/** What clients do that a server has to wait for, and what is no failure of it. */

/** Of keys that are not the writer's. They are deleted at the end of a round. */
export const sidePrefix = "side";
export const sideKeys = 1000;
const expiringKeys = 20_000;

/** A command of 0.1 to 0.6 s, again and again. The server is no failed one, though it does not answer meanwhile. */
export const slowCommands: Fault = async (context, { server, for_ms, random }) => {
  const end_ms = for_ms === 0 ? Number.POSITIVE_INFINITY : monotonic_ms() + for_ms;
  let slept = 0;
  let failure: unknown;
  while (monotonic_ms() < end_ms && !context.healing.signal.aborted) {
    context.event();
    await ask(context, server, ["DEBUG", "SLEEP", String(random.whole(10, 60) / 100)]).then(
      () => slept++,
      (error) => {
        failure = error;
      },
    );
    await context.pause(random.whole(100, 900));
  }
  if (slept === 0) throw failure;
};

// TIME stands still within a script since Redis 7.2, and only since then scripts have a clock.
const writes = `local has_clock, clock = pcall(function() return os.clock end)
if not has_clock then
  clock = function()
    local time = redis.call('TIME')
    return tonumber(time[1]) + tonumber(time[2]) / 1e6
  end
end
local stop = clock() + tonumber(ARGV[1])
local value = string.rep('x', 200)
local n = 0
while clock() < stop do
  redis.call('SET', '${sidePrefix}:' .. (n % ${sideKeys}), value .. n)
  n = n + 1
  -- About 20 MB a second, so that the replica's output buffer does not reach its limit.
  for spin = 1, 300 do end
end
return n`;

/** A script that blocks the server for seconds, and whose writes are most of its history then. */
export const writeScript: Fault = async (context, { server, for_ms }) => {
  const written = await ask(context, server, ["EVAL", writes, "0", String(for_ms / 1000)]);
  context.event();
  context.print(`the script on ${server.name} has written ${written} times`);
};

const expiring = `for n = 1, tonumber(ARGV[1]) do
  redis.call('SET', '${sidePrefix}:expiring:' .. n, n, 'PX', 200 + n % tonumber(ARGV[2]))
end`;

/** Keys that expire over the next seconds. Each DEL is a part of the history that no client wrote. */
export const expireKeys: Fault = async (context, { server, for_ms }) => {
  await ask(context, server, ["EVAL", expiring, "0", String(expiringKeys), String(for_ms)]);
};

/** The reply to a command that may take seconds. */
export async function ask(context: FaultContext, server: Server, command: readonly string[]): Promise<unknown> {
  const socket = server.redisSocket();
  const reply = await Promise.race([socket.ask(command, 60_000), hangsAtRepair(context, server)]).finally(() =>
    socket.close(),
  );
  if (reply instanceof ReplyError) throw reply;
  return reply;
}

/** Only the repair resumes a server that hangs by then, so the repair must not wait for its reply. */
async function hangsAtRepair({ healing: { signal }, connectivity }: FaultContext, { name }: Server): Promise<unknown> {
  if (!signal.aborted) await once(signal, "abort");
  if (connectivity.isInterrupted(`hung ${name}`)) throw new Error("it hangs until the repair");
  return new Promise(() => undefined);
}
