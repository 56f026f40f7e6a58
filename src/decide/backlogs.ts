import type { Observed } from "../model/observation.ts";

/** A server, and up to which offset its backlog is read. */
export interface Part<Server> {
  from: Server;
  until: number;
}

const reachesBackTo = ({ backlogFrom }: Observed, after: number): boolean =>
  backlogFrom !== undefined && backlogFrom <= after + 1;

/**
 * Whose backlogs hold the master's history after an offset. A master that has copied the whole data set not long ago has only what came
 * later; a replica with the same history may reach further back, and the master goes on from there. Undefined: nobody has it.
 */
export function partsOfHistory<Server extends { seen: Observed }>(
  master: Server,
  replicas: readonly Server[],
  after: number,
): Part<Server>[] | undefined {
  const rest = { from: master, until: Number.POSITIVE_INFINITY };
  if (reachesBackTo(master.seen, after)) return [rest];
  const replica = replicas.find(
    ({ seen }) =>
      seen.history.id === master.seen.history.id &&
      reachesBackTo(seen, after) &&
      reachesBackTo(master.seen, seen.history.offset),
  );
  return replica && [{ from: replica, until: replica.seen.history.offset }, rest];
}
