import { availableParallelism, loadavg } from "node:os";
import type { FaultContext } from "./fault-context.ts";
import { outages } from "./outage.ts";
import { cutsBetween, roleChanges, withoutCause } from "./role-changes.ts";
import type { Seen } from "./round.ts";
import { length, oldDataServed, servings } from "./serving.ts";
import { wrongWinners } from "./split-winner.ts";

/** How long two servers that can reach each other may both take writes. */
export interface Limits {
  inContact_ms: number;
  /**
   * How long two masters may last after a reconnection. Without the agent, and with Keepalived stopped on one of the nodes, the other one's
   * health check finds it, sees it again a second later, and then starts a hook.
   */
  afterReconnect_ms: number;
  /** A second master that is found so soon after a reconnection was decided on before it. */
  sawBefore_ms: number;
  /** Judged by what is lost for good and by who is master at the end, and not by what was served or who won on the way. */
  byItsEnd: boolean;
  /** After a split the one that had the clients must win. With three nodes the third one can bring the loser's writes to the winner. */
  winner: boolean;
}

export const limitsOf = (faults: "classic" | "all", nodes: 2 | 3, profile: "hooks" | "agent"): Limits => ({
  inContact_ms: faults === "classic" ? 0 : 300,
  afterReconnect_ms: profile === "hooks" ? 3000 : 2000,
  // A reading takes 0.15 s. A hook has seen before it began what it decides on: 0.43 s on a busy machine (seed 2911, round 17).
  sawBefore_ms: profile === "hooks" ? 600 : 150,
  byItsEnd: faults === "classic",
  winner: faults === "all" && nodes === 2,
});

const maxOutage_ms = 5000;
// Redis sends nothing after a diskless copy before the replica's first acknowledgement, up to a second later.
const maxStop_ms = 3000;
// A Redis that hangs must be noticed first. On two cores with a load of 38 the hooks took up to 12 s: a check each second did not get its turn.
const maxOutageByFault_ms = (): number => ((loadavg()[0] ?? 0) > 8 * availableParallelism() ? 16_000 : 8000);
// TCP sends a lost packet again after the round trip and at least 200 ms. To see the other node, to fence it and to look again may take
// three of them.
const lostPackets_ms = 1000;

/** What a round did wrong, besides lost writes. */
export function problemsOf(
  seen: Seen,
  faults: FaultContext,
  { inContact_ms, afterReconnect_ms, byItsEnd, winner }: Limits,
): string[] {
  const { reports, masters, serving, two, end, begin_ms, repaired_ms, end_ms } = seen;
  const { runs } = faults.sampler;
  const problems = [...faults.problems];
  const at = (ms: number) => `at ${Math.round(ms - begin_ms)} ms`;
  if (two.whileConnected_ms > inContact_ms + (faults.packetsWereLost ? lostPackets_ms : 0))
    problems.push(`two writable masters that could reach each other for ${Math.round(two.whileConnected_ms)} ms`);
  if (two.afterReconnect_ms > afterReconnect_ms)
    problems.push(`two writable masters for ${Math.round(two.afterReconnect_ms)} ms after a reconnection`);

  if (end.stopped_ms > maxStop_ms)
    problems.push(`a replica with its link up applied nothing of its master for ${Math.round(end.stopped_ms)} ms`);
  if (end.allowed.length === 0) problems.push(...end.recovered.map((line) => `recover-master was needed on ${line}`));

  const served = servings(masters.changes, serving, end_ms);
  const old = byItsEnd ? undefined : oldDataServed(served, serving, end.allowed_ms);
  if (old)
    problems.push(
      `${old.server} served data without keys from before the round for ${Math.round(length(old))} ms, ${at(old.start_ms)}`,
    );
  const course = { begin_ms, repaired_ms, end_ms, touches: faults.touches };
  const outage = outages(course, served, masters.changes, runs).find(
    (one) => length(one) > (one.start_ms < repaired_ms ? maxOutageByFault_ms() : maxOutage_ms),
  );
  if (outage)
    problems.push(
      `no master with the virtual IP for ${Math.round(length(outage))} ms, ${at(outage.start_ms)}, though ${outage.server} could serve`,
    );
  for (const { from, to, at_ms } of withoutCause(
    roleChanges(served, masters.changes),
    [...faults.events_ms, ...cutsBetween(faults.touches)],
    faults.typed_ms,
  ))
    problems.push(`the role went from ${from} to ${to} ${at(at_ms)} without a new fault`);
  if (winner) problems.push(...wrongWinners(runs, faults.connectivity.interruptions(end_ms), reports));
  return problems;
}
