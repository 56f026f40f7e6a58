import type { Row } from "../model/plan.ts";
import { type Facts, fenceSeconds } from "./facts.ts";
import { complete } from "./may-serve.ts";
import { copiesFrom, seenPeers } from "./situation.ts";

/** Keepalived is stopping and the virtual IP is already gone. Less than a second is left: one step at most. */
export const stopTable: readonly Row<Facts>[] = [
  {
    when: "we are master and a replica of ours can take over: hold writes back until it has",
    fits: (facts) =>
      facts.ours.role === "master" &&
      seenPeers(facts).some(({ seen }) => copiesFrom(seen, facts.node) && complete(seen) && seen.source?.link === "up"),
    plan: () => ({ steps: [{ do: "fence", seconds: fenceSeconds }] }),
  },
  {
    when: "nobody could take over, or we are a replica: leave Redis as it is",
    fits: () => true,
    plan: () => ({ steps: [] }),
  },
];
