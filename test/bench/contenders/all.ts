import type { Contender } from "./contender.ts";
import { agent, hooks, ofApplications } from "./ours.ts";
import { scripts } from "./scripts.ts";
import { sentinels } from "./sentinel.ts";

/** From the oldest to the newest: the order of the results. */
export const contenders: readonly Contender[] = [scripts, ...sentinels, hooks, agent, ...ofApplications];
