import { remembered } from "../decide/served-record.ts";
import type { Observed } from "../model/observation.ts";
import { lastServed, rememberServed } from "../state/served.ts";
import type { PlanContext } from "./context.ts";

/**
 * From now on these data are what is served, even if a person promoted data that are known to be old, here or on the node from which this
 * one took the role over (seed 2602 of chaos). Without a backlog Redis counts no later writes, but where it was promoted is known: a node that
 * nobody followed since its start would stay unfit (seed 1702 of chaos).
 */
export function rememberServing({ paths, node }: PlanContext, seen: Observed): void {
  const { uncounted, ...history } = seen.history;
  try {
    const served = remembered(lastServed(paths.served), { seen: { ...seen, history }, by: node.name }, Date.now());
    if (served) rememberServed(paths.served, served);
  } catch {
    // The health check reports a data folder that can't be written.
  }
}
