import type { Contender } from "./contender.ts";
import { ioredisClient } from "./ioredis-client.ts";
import { rawClient } from "./raw-client.ts";

const switchover: Contender["move"] = async ({ server12 }) => {
  const { code, stderr } = await server12.run(["switchover", "--to", "server12"], { deadline_ms: 40_000 });
  if (code !== 0) throw new Error(`switchover: ${stderr}`);
};

const ours = (profile: "hooks" | "agent", what: string, more: Record<string, number>): Contender => ({
  name: profile,
  what,
  lab: { profile },
  bringUp: (lab) => lab.bringUp(),
  write: rawClient(),
  move: switchover,
  comeBack: ({ server11 }) => server11.startRedis(),
  takeOver_s: 15,
  settle_s: 20,
  runs: (event) => more[event] ?? 8,
});

/** The monitor each second, and an executable for each transition. */
export const hooks = ours("hooks", "this project, profile hooks, defaults (check every second, advert every 0.2 s)", {
  crash: 20,
});
/** The same in one long-lived process; as many runs as its promises speak of. */
export const agent = ours("agent", "this project, profile agent, defaults (time-out 0.25 s, advert every 0.2 s)", {
  crash: 100,
  move: 50,
});

const firstRetry = { 6: "a random 50 to 250 ms", 5: "50 ms" };

/** What an application with its client as it comes sees of the same crash. */
export const ofApplications: readonly Contender[] = [hooks, agent].flatMap((contender) =>
  ([6, 5] as const).map((major) => ({
    ...contender,
    name: `${contender.name}+ioredis${major}`,
    what: `the same as ${contender.name}, the client being ioredis ${major} as it comes: it waits ${firstRetry[major]} before its first retry`,
    write: ioredisClient(major),
    runs: (event: string) => (event === "crash" ? 10 : 0),
  })),
);
