import type { Paths } from "../cluster/paths.ts";
import type { Situation } from "../model/situation.ts";
import { uptime_s } from "../system/clock.ts";
import { lastVerdict } from "./last-verdict.ts";
import { hasResigned, resignedBefore, resignedTo } from "./resignation.ts";
import { lastServed } from "./served.ts";

/** Adds what this host remembers to what was observed. */
export function withRecords(situation: Situation, paths: Paths): Situation {
  const { node, peers } = situation;
  const id = node.seen.kind === "observed" ? node.seen.history.id : "";
  const resigned = resignedBefore(paths.promotion, id);
  const selfResigned = hasResigned(paths.resigned);
  const served = lastServed(paths.served);
  const last = lastVerdict(paths.verdict);
  const wasMaster = node.holdsVip && last?.was_master === true;
  const disputed_s = last?.disputed_since_s === undefined ? 0 : uptime_s() - last.disputed_since_s;
  // What another node has served is not a history that this one resigned from; what that one was promoted from may be.
  const ids = [served?.history.previous?.id, served?.by === node.name ? served.history.id : undefined];
  const servedIds = ids.filter((one) => one !== undefined);
  return {
    ...situation,
    node: {
      ...node,
      resigned: selfResigned,
      givesWayTo: selfResigned ? resignedTo(paths.resigned) : undefined,
      servedIds,
      wasMaster,
      disputed_s,
    },
    peers: peers.map((peer) => (resigned.includes(peer.name) ? { ...peer, resigned: true } : peer)),
    served,
  };
}
