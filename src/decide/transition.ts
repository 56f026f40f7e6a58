import type { Observation } from "../model/observation.ts";
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

interface RequestedTransition extends Situation {
  transition: Transition;
}

const isUnreachable = ({ node }: RequestedTransition): boolean => node.seen.kind === "unreachable";
/** It gives no answer, or a script blocks it. */
const hangs = (seen: Observation): boolean =>
  (seen.kind === "unreachable" && seen.why === "timeout") || (seen.kind === "rejected" && seen.why === "busy");

const loading = ({ node }: RequestedTransition): boolean =>
  node.seen.kind === "observed" && node.seen.loading !== undefined;
const refusal = ({ node }: RequestedTransition, remedy: string) => ({
  steps: [],
  refusal: { cause: node.seen.kind === "observed" ? "" : node.seen.detail, remedy },
});

/** The table that comes first: the local Redis doesn't answer, answers with an error, or is loading. */
export const notReadyTable: readonly Row<RequestedTransition>[] = [
  {
    // The kernel accepts the commands, and Redis reads them when it resumes. Without them it would serve as a second master, or, as a
    // replica, copy from the server at its master's address before the histories have been compared.
    when: "the local Redis hangs or is blocked by a script, at BACKUP or FAULT: send it the commands to park and to end its clients' sessions, until it has obeyed them",
    fits: ({ node, transition }) => hangs(node.seen) && (transition === "FAULT" || transition === "BACKUP"),
    plan: () => ({ steps: [{ do: "park-on-resume" }] }),
  },
  {
    when: "the local Redis doesn't answer, at MASTER: refuse",
    fits: (request) => isUnreachable(request) && request.transition === "MASTER",
    plan: (request) => refusal(request, "start it with `recover-master`, which does so safely and checks the result"),
  },
  {
    when: "the local Redis doesn't answer: no steps are planned",
    fits: isUnreachable,
    plan: () => ({ steps: [] }),
  },
  {
    when: "the local Redis rejects our login or our commands: refuse",
    fits: ({ node }) => node.seen.kind === "rejected",
    plan: (request) => refusal(request, request.node.seen.kind === "rejected" ? remedies[request.node.seen.why] : ""),
  },
  {
    // Keepalived is stopping, so there is no time to wait.
    when: "the local Redis is loading its data set, at STOP: no steps are planned",
    fits: (request) => loading(request) && request.transition === "STOP",
    plan: () => ({ steps: [] }),
  },
  {
    when: "the local Redis is loading its data set: wait until it is loaded, then decide again",
    fits: loading,
    plan: () => ({ steps: [{ do: "wait-loaded" }], again: true }),
  },
];

/** What this transition does in this situation. */
export function decide(transition: Transition, situation: Situation): Plan {
  const { seen } = situation.node;
  const request = { ...situation, transition };
  if (seen.kind !== "observed" || seen.loading) return firstFit(notReadyTable, request);
  return firstFit(tables[transition], { ...situation, node: { ...situation.node, seen }, ours: seen });
}
