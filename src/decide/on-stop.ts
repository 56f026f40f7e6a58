import type { Row } from "../model/plan.ts";
import { type Facts, fenceSeconds } from "./facts.ts";
import { complete } from "./may-serve.ts";
import { copiesFrom, seenPeers } from "./situation.ts";

/** Keepalived is stopping, and the virtual IP has left this host. Less than a second is left, so one step at most. */
export const stopTable: readonly Row<Facts>[] = [
  {
    when: "the local Redis is master and a replica can take over: hold writes back until it has",
    fits: (facts) =>
      facts.ours.role === "master" &&
      seenPeers(facts).some(({ seen }) => copiesFrom(seen, facts.node) && complete(seen) && seen.source?.link === "up"),
    plan: () => ({ steps: [{ do: "fence", seconds: fenceSeconds }] }),
  },
  {
    when: "the local Redis is a replica, or no replica can take over: nothing to change",
    fits: () => true,
    plan: () => ({ steps: [] }),
  },
];
