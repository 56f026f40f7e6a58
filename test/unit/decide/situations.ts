import type { History } from "../../../src/model/history.ts";
import type { Observation, Observed, Rejected, Source } from "../../../src/model/observation.ts";
import type { Served } from "../../../src/model/served.ts";
import type { Peer, Situation } from "../../../src/model/situation.ts";

/** Readings of Redis servers for tests of decisions, in a few words each. */

export const hosts: Record<string, string> = { server11: "192.0.2.11", server12: "192.0.2.12", server13: "192.0.2.13" };

const plain: Pick<Observed, "kind" | "runId" | "server" | "version" | "uptime_s" | "replicas"> = {
  kind: "observed",
  runId: "r",
  server: "redis",
  version: "7.0.15",
  uptime_s: 1000,
  replicas: [],
};

/** A history with id "a" unless said otherwise. */
export const at = (offset: number, id = "a", previous?: History["previous"]): History => ({ id, offset, previous });

export function master(history: History, more: Partial<Observed> = {}): Observed {
  return { ...plain, role: "master", history, keys: history.offset > 0 ? 100 : 0, ...more };
}

export function replica(
  of: string,
  history: History,
  more: Partial<Observed> & { link?: Partial<Source> } = {},
): Observed {
  const { link, ...rest } = more;
  const source: Source = { host: hosts[of] ?? of, port: 6379, link: "up", syncing: false, positioned: true, ...link };
  return { ...plain, role: "replica", history, keys: history.offset > 0 ? 100 : 0, source, ...rest };
}

/** For `replica`: its link to the master is down. */
export const down = { link: { link: "down" } } as const;

/** A health check to which nothing happened. */
export const notNotable = {
  isolated: false,
  restarted: false,
  inTransition: false,
  wasMaster: false,
  wasUnfit: false,
  roleTakenHold_s: 2,
};

/** A replica that never had a copy of anything. */
export const blank = (of: string): Observed =>
  replica(of, at(0, "fresh"), { keys: 0, link: { link: "down", positioned: false } });

/** What server12 has served up to this moment, and where it was at earlier ones. */
export const servedRecord = (history: History, at_ms: number, marks: Served["marks"]): Served => ({
  ...{ history, at_ms, marks },
  by: "server12",
  seenAt: { runId: "r", unsaved: undefined },
  keys: 100,
});

const second = 1000;

/** server12 has served `a` up to the offset 1000, and it is known where it was 10, 20 and 60 seconds before. */
export const servedUpTo1000 = (more: Partial<Served> = {}): Served => ({
  ...servedRecord(at(1000), 100 * second, [
    { offset: 400, at_ms: 40 * second },
    { offset: 800, at_ms: 80 * second },
    { offset: 900, at_ms: 90 * second },
    { offset: 1000, at_ms: 100 * second },
  ]),
  ...more,
});

export const gone: Observation = { kind: "unreachable", why: "refused", detail: "192.0.2.12:6379: ECONNREFUSED" };

export const refusing = (why: Rejected["why"]): Observation => ({ kind: "rejected", why, detail: `refused: ${why}` });

const peer = (name: string, seen: Observation): Peer => ({ name, host: hosts[name] ?? name, port: 6379, seen });

/** server11 is this node. */
export function situation(
  ours: Observation,
  theirs: Record<string, Observation>,
  more: Partial<Situation> & { holdsVip?: boolean; givesWayTo?: string } = {},
): Situation {
  const { holdsVip = false, givesWayTo, ...rest } = more;
  return {
    node: { ...peer("server11", ours), holdsVip, givesWayTo },
    peers: Object.entries(theirs).map(([name, seen]) => peer(name, seen)),
    persistence: "unmanaged",
    isolated: false,
    allowDataLoss: false,
    maxMissing: { seconds: 10, bytes: 1_000_000 },
    ...rest,
  };
}

/** The same situation as the other node sees it. */
export function mirrored({ node, peers, ...rest }: Situation, name: string): Situation {
  const other = peers.find((one) => one.name === name);
  if (!other) throw new Error(`no peer ${name}`);
  return {
    ...rest,
    node: { ...other, holdsVip: !node.holdsVip },
    peers: [peer(node.name, node.seen), ...peers.filter((one) => one !== other)],
  };
}
