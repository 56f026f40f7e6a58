import type { Contender } from "./contender.ts";

const switchover: Contender["move"] = async ({ server12 }) => {
  const { code, stderr } = await server12.run(["switchover", "--to", "server12"], { deadline_ms: 40_000 });
  if (code !== 0) throw new Error(`switchover: ${stderr}`);
};

/** keepalived.conf of generate-config, hooks profile: a monitor each second, and an executable for each transition. */
export const hooks: Contender = {
  name: "hooks",
  what: "this project, profile hooks, defaults (check every second, advert every 0.2 s)",
  lab: { profile: "hooks" },
  bringUp: (lab) => lab.bringUp(),
  writer: {},
  move: switchover,
  comeBack: ({ server11 }) => server11.startRedis(),
  takeOver_s: 15,
  settle_s: 20,
  runs: (event) => (event === "crash" ? 20 : 12),
};
