import { basename } from "node:path";
import type { NodeContext } from "../cluster/context.ts";
import { describe } from "../decide/plan.ts";
import { vipOf } from "../keepalived/virtual-ip.ts";
import type { TransitionNotice } from "../model/notice.ts";
import type { Transition } from "../model/transition.ts";
import { keptIn, numberOf } from "../state/quarantine.ts";
import type { Ended } from "./outcome.ts";

type Told = Ended & Pick<TransitionNotice, "result">;

/** What `failover.on_transition` is told. `ended_ms`: when it ended, in milliseconds since 1970. */
export function noticeOf(
  { cluster, node, paths }: NodeContext,
  transition: Transition,
  { result, plans, why, remedy, missing, duration_ms }: Told,
  holder: boolean,
  ended_ms: number,
): TransitionNotice {
  const keeps = plans.some(({ steps }) => steps.some((step) => step.do === "quarantine"));
  return {
    ...{ version: 1, cluster: cluster.name, node: node.name, vip: vipOf(cluster), transition, result },
    ...{ when: new Date(ended_ms).toISOString(), duration_ms, holder },
    rows: plans.map(({ row }) => row),
    steps: plans.flatMap(({ steps }) => steps.map(describe)),
    ...{ why: why ?? null, remedy: remedy ?? null, missing: missing ?? null },
    kept: keeps ? keptSince(paths.quarantine, ended_ms - duration_ms) : [],
  };
}

const keptSince = (folder: string, since_ms: number): TransitionNotice["kept"] =>
  keptIn(folder).flatMap(({ file, about }) =>
    about && Date.parse(about.when) >= since_ms
      ? [
          {
            ...{ id: numberOf(basename(file)), kind: about.writes ? "writes" : "dump", file },
            ...{ writes: about.writes?.writes ?? null, keys: about.keys },
          },
        ]
      : [],
  );
