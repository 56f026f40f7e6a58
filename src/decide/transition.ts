import type { Plan, Row } from "../model/plan.ts";
import type { Situation } from "../model/situation.ts";
import type { Transition } from "../model/transition.ts";
import { type Facts, remedies } from "./facts.ts";
import { backupTable } from "./on-backup.ts";
import { faultTable } from "./on-fault.ts";
import { masterTable } from "./on-master.ts";
import { stopTable } from "./on-stop.ts";
import { firstFit } from "./plan.ts";

export const tables: Readonly<Record<Transition, readonly Row<Facts>[]>> = {
  MASTER: masterTable,
  BACKUP: backupTable,
  FAULT: faultTable,
  STOP: stopTable,
};

interface Asked extends Situation {
  transition: Transition;
}

const unanswered = ({ node }: Asked): boolean => node.seen.kind === "unreachable";
const loading = ({ node }: Asked): boolean => node.seen.kind === "observed" && node.seen.loading !== undefined;
const refusal = ({ node }: Asked, remedy: string) => ({
  steps: [],
  refusal: { cause: node.seen.kind === "observed" ? "" : node.seen.detail, remedy },
});

/** Before every table: our own Redis tells us nothing, or isn't ready to do anything. */
export const silentTable: readonly Row<Asked>[] = [
  {
    // Its host takes our commands for it, and it reads them as soon as it wakes. Without them it would serve as a second master,
    // or, a replica, copy from whoever has its master's address by then, before anybody has compared their histories.
    when: "our own Redis hangs, and this is BACKUP or FAULT: should it wake, it is to copy from nobody, take no writes and end its clients' sessions",
    fits: ({ node, transition }) =>
      node.seen.kind === "unreachable" &&
      node.seen.why === "timeout" &&
      (transition === "FAULT" || transition === "BACKUP"),
    plan: () => ({ steps: [{ do: "park-on-resume" }] }),
  },
  {
    when: "our own Redis doesn't answer, and this is MASTER: refuse",
    fits: (asked) => unanswered(asked) && asked.transition === "MASTER",
    plan: (asked) => refusal(asked, "start it; `recover-master` does so safely and checks the result"),
  },
  {
    when: "our own Redis doesn't answer: no steps are planned",
    fits: unanswered,
    plan: () => ({ steps: [] }),
  },
  {
    when: "our own Redis rejects us: refuse",
    fits: ({ node }) => node.seen.kind === "rejected",
    plan: (asked) => refusal(asked, asked.node.seen.kind === "rejected" ? remedies[asked.node.seen.why] : ""),
  },
  {
    // A stopping Keepalived leaves no time to wait.
    when: "our own Redis is still loading its data set, and this is STOP: no steps are planned",
    fits: (asked) => loading(asked) && asked.transition === "STOP",
    plan: () => ({ steps: [] }),
  },
  {
    when: "our own Redis is still loading its data set: wait for it, then decide",
    fits: loading,
    plan: () => ({ steps: [{ do: "wait-loaded" }], again: true }),
  },
];

/** The whole decision: what this transition must do in this situation. */
export function decide(transition: Transition, situation: Situation): Plan {
  const { seen } = situation.node;
  const asked = { ...situation, transition };
  if (seen.kind !== "observed" || seen.loading) return firstFit(silentTable, asked);
  return firstFit(tables[transition], { ...situation, node: { ...situation.node, seen }, ours: seen });
}
