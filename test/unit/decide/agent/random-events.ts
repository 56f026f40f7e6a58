import fc from "fast-check";
import type { AgentEffect, AgentEvent, AgentNow } from "../../../../src/model/agent.ts";
import type { Observation, Reachability } from "../../../../src/model/observation.ts";
import { at, gone, master, refusing, replica } from "../situations.ts";
import { moment, ToldAgent } from "./agents.ts";

/** Agents that are told random events, and whose effects report what they did as those of a real one: once each, in any order. */

export interface Moment {
  agent: ToldAgent;
  event: AgentEvent;
  /** The state before the event. */
  before: ToldAgent["state"];
  effects: AgentEffect[];
}

const connected = { host: "192.0.2.12", port: 6379, online: true, offset: 100, lag_s: 0 };
const readings: fc.Arbitrary<Observation> = fc.constantFrom<Observation[]>(
  master(at(100), { replicas: [connected] }),
  master(at(0, "b"), { runId: "another" }),
  master(at(0, "b"), { runId: "another", loading: { eta_s: 1 } }),
  replica("server12", at(100)),
  replica("127.0.0.1", at(100), { runId: "another", link: { port: 1, link: "down" } }),
  gone,
  refusing("busy"),
);
const nodes = fc.constantFrom("server11", "server12", "server13");
const causes = fc.constantFrom("master", "replica", "loading", "not-following", "draining", "refused");

/** What comes without this agent's doing. */
const fromOutside: fc.Arbitrary<AgentEvent> = fc.oneof(
  fc.constantFrom("MASTER", "BACKUP", "FAULT", "STOP", "DELETED").map((state) => ({ on: "vrrp-line", state }) as const),
  fc.constant({ on: "fifo-closed" } as const),
  fc.boolean().map((keepalivedRuns) => ({ on: "second", keepalivedRuns }) as const),
  nodes.map((node) => ({ on: "link-broke", node }) as const),
  nodes.map((node) => ({ on: "link-gone", node, why: "refused", detail: "" }) as const),
  nodes.map((node) => ({ on: "link-back", node }) as const),
  fc.constant({ on: "announcement-ended" } as const),
  fc
    .record({ healthy: fc.boolean(), cause: causes, holder: fc.boolean(), seen: readings })
    .map(
      ({ healthy, cause, ...rest }) =>
        ({ on: "checked", verdict: { healthy, cause, detail: "" }, change: undefined, ...rest }) as const,
    ),
  fc.constantFrom("MASTER", "BACKUP", "FAULT").map((transition) => ({ on: "repair-due", transition }) as const),
);

const reachable = fc.constantFrom<Reachability[]>("answers", "refused", "silent");
const around = fc.record({
  later_s: fc.constantFrom(0, 0.1, 1, 6, 70),
  holdsVip: fc.boolean(),
  maintenance: fc.nat(9).map((one) => one === 0),
  draining: fc.nat(4).map((one) => one === 0),
  peers: fc.record({ server12: reachable, server13: reachable }),
});

interface Turn {
  outside: AgentEvent;
  /** Which of the effects that are under way reports, if one does, and what. */
  reports: number | undefined;
  well: boolean;
  seen: Observation;
  now: typeof around extends fc.Arbitrary<infer Now> ? Now : never;
}

const turns: fc.Arbitrary<Turn[]> = fc.array(
  fc.record({
    outside: fromOutside,
    reports: fc.option(fc.nat(9), { nil: undefined }),
    well: fc.boolean(),
    seen: readings,
    now: around,
  }),
  { maxLength: 40 },
);

/** What an effect reports once it is done; nothing where it reports nothing. */
function report(effect: AgentEffect, { well, seen }: Turn): AgentEvent | undefined {
  switch (effect.do) {
    case "transition":
      return { on: "role-change-ended", parked: false };
    case "task":
      return { on: "role-change-ended", parked: well };
    case "block-clients":
    case "unblock-clients":
      return { on: "client-access-set", holder: effect.holder };
    case "tell-health":
      return { on: "health-told", fit: effect.fit };
    case "watch-keepalived":
      return { on: "keepalived-watched", dead: well };
    case "step-down":
      return { on: "stepped-down" };
    case "look-for-other-master":
      return { on: "other-master-looked", because: effect.because, found: well };
    case "read-local":
      return { on: "local-read", seen };
    case "park-local":
      return well ? { on: "local-parked", runId: effect.runId, keys: effect.keys } : { on: "local-read", seen: gone };
    case "read-preferred":
      return { on: "preferred-read", seen, ready: well };
    case "block-to-drain":
      return { on: "blocked-to-drain" };
    case "start-drain":
      return well ? undefined : { on: "drain-failed", error: "no space left" };
    case "read-surroundings":
      return { on: "surroundings-read", otherMaster: well, witnessed: effect.witnesses };
    case "set-fence":
      return { on: "fence-set", fence: effect.on, done: well };
    default:
      return undefined;
  }
}

const preferred = { name: "server12", host: connected.host };
const wanted: Partial<AgentNow> = { failback: "auto", elasticFence: true, witnesses: true, preferred };

/** Holds of every moment of every agent. `always` is how it is from the first moment to the last. */
export function atEveryMoment(holds: (moment: Moment) => void, always: Partial<AgentNow> = {}): void {
  const property = fc.property(turns, (turns) => {
    const agent = new ToldAgent({}, moment(wanted));
    const underWay: AgentEffect[] = [];
    for (const turn of turns) {
      const { later_s, ...now } = turn.now;
      const [done] = turn.reports === undefined ? [] : underWay.splice(turn.reports % (underWay.length || 1), 1);
      const event = (done && report(done, turn)) ?? turn.outside;
      const before = agent.state;
      const effects = agent.told(event, { ...now, at_s: agent.now.at_s + later_s, ...always });
      underWay.push(...effects);
      holds({ agent, event, before, effects });
    }
  });
  fc.assert(property);
}
