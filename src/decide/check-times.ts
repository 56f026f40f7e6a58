import { older } from "./versions.ts";

/** The times of Keepalived's check of a node, in seconds. */
interface CheckTimes {
  /** From start to start. */
  interval: number;
  /** After so long Keepalived ends a check. */
  timeout: number;
}

/**
 * With an agent nearly every check only finds its heartbeat; less often is enough, and costs less with many clusters.
 *
 * The time-out is whole, never a fraction: on a busy host to start Node.js alone can take longer than a short interval, and where no
 * check ends in time, no node gets the virtual IP (executed: 0.26 for both, a load of 9 on two cores). Beside a fraction it is 2 s at
 * least: with 1 s Keepalived ended a third of all checks there, and one that it ends repeats the last result, also after a crash. While
 * a check outlasts its interval, Keepalived starts no other one (2.3.3 and newer, keepalived#2563); those that take a fraction are new enough
 * for that, but for 2.3.2.
 */
export function checkTimes(interval: number, profile: "hooks" | "agent"): CheckTimes {
  const every = profile === "agent" ? 2 * interval : interval;
  return { interval: every, timeout: Number.isInteger(every) ? every : Math.max(2, Math.ceil(every)) };
}

/** The first Keepalived whose `interval` may be a fraction of a second (its release notes); older ones count it as an error, and use 1. */
export const fractionsSince = "2.3.2";

export const takesInterval = (version: string, interval: number): boolean =>
  Number.isInteger(interval) || !older(version, fractionsSince);
