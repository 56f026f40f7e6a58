import type { Observed } from "../../model/observation.ts";
import type { Datum, FenceStatus, GatheredNode, LinkStatus, NodeStatus, RedisAnswer } from "../../model/status.ts";
import { copiesFrom, isParked, keepsUp } from "../situation.ts";
import { known, unknown } from "./host-data.ts";

type RedisData = Pick<NodeStatus, "redis" | "link" | "lag" | "fence">;

const serverNames = { redis: "Redis", valkey: "Valkey" };

/** What the Redis of a node said, or what its master says of it. A Redis that was not seen is not down: nothing is known. */
export function redisData(node: GatheredNode, nodes: readonly GatheredNode[]): RedisData {
  const { seen } = node.redis;
  if (seen.kind !== "observed") {
    const not = unknown(seen.detail);
    const answered = seen.kind === "rejected" || seen.why === "refused";
    const none = { server: "", keys: null, offset: null, replicas: 0, replicas_in_sync: 0, loading_s: null };
    const state = seen.kind === "rejected" ? "rejected" : "refused";
    return {
      redis: answered ? known({ state, why: seen.why, detail: seen.detail, ...none }, "redis") : not,
      link: linkByMaster(node, nodes) ?? not,
      lag: lagByMaster(node, nodes) ?? not,
      fence: not,
    };
  }
  const { role, keys, history, replicas, loading, server, version } = seen;
  return {
    redis: known(
      {
        ...{
          state: role,
          why: "",
          detail: "",
          server: `${serverNames[server]} ${version}`,
          keys,
          offset: history.offset,
        },
        ...{ replicas: replicas.length, replicas_in_sync: replicas.filter(keepsUp).length },
        loading_s: loading?.eta_s ?? null,
      },
      "redis",
    ),
    link: linkOf(seen, nodes),
    lag: lagOf(node, seen, nodes),
    fence: fenceSeen(node.redis, seen),
  };
}

function linkOf(seen: Observed, nodes: readonly GatheredNode[]): Datum<LinkStatus> {
  const { source } = seen;
  if (!source) return unknown("a master");
  if (isParked(seen)) return known({ state: "parked", of: "nobody", down_s: null, percent: null }, "redis");
  const { link, syncing, progress, downFor_s } = source;
  const of =
    nodes.find(({ address, port }) => copiesFrom(seen, { host: address, port }))?.name ??
    `${source.host}:${source.port}`;
  const percent = progress && progress.total > 0 ? Math.floor((100 * progress.bytes) / progress.total) : null;
  return known({ state: syncing ? "copying" : link, of, down_s: downFor_s ?? null, percent }, "redis");
}

/** The masters that list this node as a replica, and how they see it. */
const listedBy = ({ address, port }: GatheredNode, nodes: readonly GatheredNode[]) =>
  nodes.flatMap((other) => {
    const { seen } = other.redis;
    if (seen.kind !== "observed") return [];
    const replica = seen.replicas.find((one) => one.host === address && one.port === port);
    return replica ? [{ master: other, seen, replica }] : [];
  });

function linkByMaster(node: GatheredNode, nodes: readonly GatheredNode[]): Datum<LinkStatus> | undefined {
  const [listed] = listedBy(node, nodes);
  if (!listed) return undefined;
  const { master, replica } = listed;
  const state = keepsUp(replica) ? "up" : "down";
  const down_s = state === "down" ? replica.lag_s : null;
  return known({ state, of: master.name, down_s, percent: null }, "master", replica.lag_s);
}

function lagByMaster(node: GatheredNode, nodes: readonly GatheredNode[]): NodeStatus["lag"] | undefined {
  const [listed] = listedBy(node, nodes);
  if (!listed) return undefined;
  const { seen, replica } = listed;
  return known(
    { bytes: Math.max(0, seen.history.offset - replica.offset), seconds: replica.lag_s },
    "master",
    replica.lag_s,
  );
}

/** Bytes by the offsets of both; seconds by the master, which knows when the replica acknowledged last. */
function lagOf(node: GatheredNode, seen: Observed, nodes: readonly GatheredNode[]): NodeStatus["lag"] {
  if (seen.role === "master") return unknown("a master");
  const master = nodes.find(({ address, port }) => copiesFrom(seen, { host: address, port }));
  const theirs = master?.redis.seen;
  if (theirs?.kind !== "observed" || theirs.history.id !== seen.history.id)
    return unknown(theirs?.kind === "observed" ? "its history is not that of its master" : "its master was not seen");
  const listed = listedBy(node, nodes).find((one) => one.master === master);
  const bytes = Math.max(0, theirs.history.offset - seen.history.offset);
  return known({ bytes, seconds: listed?.replica.lag_s ?? seen.source?.downFor_s ?? null }, "redis");
}

/** Redis 7.0 does not tell of a CLIENT PAUSE; newer ones do. That such a one accepts writes is not seen. */
function fenceSeen(answer: RedisAnswer, seen: Observed): Datum<FenceStatus> {
  const fence = fenceOf(answer, seen);
  const open = fence.value?.writes === "accepted" && answer.paused_ms === undefined;
  return open ? unknown("this version does not tell of a CLIENT PAUSE") : fence;
}

/** For the metrics a pause that is not told is none. */
export function fenceOf(
  { paused_ms, goodReplicas }: Pick<RedisAnswer, "paused_ms" | "goodReplicas">,
  seen: Observed,
): Datum<FenceStatus> {
  if (seen.role === "replica") return unknown("a replica");
  if (seen.refusesWrites !== undefined) return known({ writes: "refused", why: seen.refusesWrites }, "redis");
  if (goodReplicas === 0)
    return known({ writes: "refused", why: "min-replicas-to-write: no replica keeps up" }, "redis");
  if (paused_ms !== undefined && paused_ms > 0)
    return known({ writes: "held", why: `CLIENT PAUSE, for ${Math.ceil(paused_ms / 1000)} s` }, "redis");
  return known({ writes: "accepted", why: "" }, "redis");
}
