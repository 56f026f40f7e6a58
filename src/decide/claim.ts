import type { Observed } from "../model/observation.ts";
import type { Contact } from "../model/verdict.ts";
import { keepsUp } from "./situation.ts";

/**
 * What a node adds to its VRRP priority. After a split both nodes are holders; once they hear each other Keepalived keeps
 * the one with the higher priority, whatever `nopreempt` says. So a master that no replica keeps up with says by its
 * priority how much it took since: from -100 for nothing, three more for each doubling of the bytes, to -1. Everybody
 * else claims 0 and stays near the highest priority, which is what makes a take-over a matter of milliseconds.
 */
export function claim({ role, history }: Observed, contact: Contact | undefined): number {
  if (role !== "master" || contact?.copied === undefined) return 0;
  if (history.uncounted) return unknown;
  const bytes = Math.max(0, history.offset - contact.copied);
  return Math.min(-1, -100 + Math.floor(Math.log2(1 + bytes) * 3));
}

// A master without a backlog doesn't count what it takes. It was restarted and promoted alone, so its data is the poorer.
const unknown = -90;

/** What this look adds to what the last one knew. */
export function contact({ role, replicas, history }: Observed, before: Contact | undefined): Contact | undefined {
  if (role !== "master") return undefined;
  const { id, offset, previous } = history;
  if (replicas.some(keepsUp)) return { id };
  if (before?.id === id && before.copied !== undefined) return before;
  if (replicas.length > 0) return { id, copied: Math.max(...replicas.map((replica) => replica.offset)) };
  // Whoever was just promoted shares with the others what it had then; else the replica went away since the last look.
  return { id, copied: before?.id === id ? offset : (previous?.until ?? offset) };
}
