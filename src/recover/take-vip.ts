import { look } from "../act/look.ts";
import { drainChannel } from "../act/own-redis.ts";
import { type Run, Sessions } from "../act/run.ts";
import { TooLate, until } from "../act/wait.ts";
import { Refusal } from "../cluster/errors.ts";
import { copiesFrom, seenPeers } from "../decide/situation.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Session } from "../redis/session.ts";

/**
 * Has the virtual IP and the master role come to this node: every other node is asked, over its Redis, to give the
 * virtual IP away; Keepalived moves it here, and its notify-master hook takes the role over with nothing lost. The
 * wish ends with this process, so nothing stays drained, paused or fenced if we die or give up.
 * Returns the seconds from the wish until this node was master with the virtual IP and a replica in sync.
 */
export async function takeVip(run: Run, deadline_ms: number): Promise<number> {
  const started = performance.now();
  const sessions = new Sessions(run);
  const wishes: Session[] = [];
  try {
    for (const peer of run.cluster.nodes) {
      if (peer.name === run.node.name) continue;
      const wish = await sessions.of(peer.name).catch(() => undefined);
      // In small letters: ioredis keeps its books by the name as given.
      await wish?.ask("subscribe", drainChannel(run.cluster));
      if (wish) wishes.push(wish);
    }
    if (wishes.length === 0) throw new Refusal("no peer answers that could give the virtual IP away");
    const looking = new Sessions(run);
    try {
      const settled = async () => {
        if (!holdsVip(run.cluster)) return false;
        const situation = await look(run, looking, true);
        const { seen } = situation.node;
        if (seen.kind !== "observed" || seen.role !== "master") return false;
        return seenPeers(situation).some(
          (peer) => copiesFrom(peer.seen, situation.node) && peer.seen.source?.link === "up",
        );
      };
      await until(settled, {
        deadline_ms,
        every_ms: 20,
        proceed: run.proceed,
        what: "the virtual IP and the master role coming here",
      });
    } finally {
      looking.closeAll();
    }
    return (performance.now() - started) / 1000;
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
    throw new Refusal(error.message, {
      hint: "nothing was changed for good: the other node goes on as master. Is Keepalived running on both nodes, and this node's monitor healthy?",
    });
  } finally {
    sessions.closeAll();
  }
}
