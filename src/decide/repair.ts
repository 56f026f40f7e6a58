import type { Transition } from "../model/transition.ts";

/** Causes that a hook would put right, had it been called at the right time. */
export const repairable: ReadonlySet<string> = new Set([
  "isolated", // the fence ends by itself, and must not while we are cut off
  "link-down",
  "not-following",
  "master-without-vip",
  "holder-is-replica",
  "holder-is-no-master",
  "copy-stalled",
  "two-masters", // Keepalived is dead over there: nobody else makes it stop
]);

/**
 * The transition to carry out once more: Keepalived's last word as far as it is still true. The hook of its very last one
 * may have been killed before it could leave a mark, and who has the virtual IP is beyond doubt. None without Keepalived.
 */
export function repairOf(lastWord: Transition | undefined, holdsVip: boolean): Transition | undefined {
  if (lastWord === undefined || lastWord === "STOP") return undefined;
  if (holdsVip) return "MASTER";
  return lastWord === "MASTER" ? "BACKUP" : lastWord;
}

/**
 * At once, twice more in case that was too early, then six times a minute: each try is in the log. A link that just broke
 * is left alone for a second: the take-over that follows must not wait for us. So are two masters that just met: VRRP, where
 * it lives on both, elects one within an advert.
 */
export const repairDue = (cause: string, lasting_s: number): boolean =>
  patient.has(cause) && lasting_s < 0.5 ? false : lasting_s < 3 || Math.floor(lasting_s) % 10 === 0;

const patient = new Set(["link-down", "two-masters"]);
