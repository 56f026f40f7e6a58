import type { LinkEvent, LinkReaction, LinkState } from "../model/link.ts";
import type { Reachability } from "../model/observation.ts";
import { silenceIsDeath } from "./peer-gone.ts";

// A server that is just ending closes its clients first and listens for a few milliseconds more: it takes a connection and ends
// it, and refuses the very next one.
const closings = 10;

interface LinkRow {
  when: string;
  fits(state: LinkState, event: LinkEvent): boolean;
  reaction(state: LinkState, event: LinkEvent): LinkReaction;
}

const closedBefore = (state: LinkState): number => ("closed" in state ? state.closed : 0);
const hungUp = (state: LinkState, event: LinkEvent): boolean =>
  event.on === "failed" && event.cause === "closed" && closedBefore(state) + 1 < closings;

const gone = (state: LinkState, event: LinkEvent): LinkState =>
  event.on === "broke" || event.on === "failed"
    ? {
        is: "gone",
        cause: event.cause,
        at_ms: event.at_ms,
        closed: closedBefore(state) + (event.cause === "closed" ? 1 : 0),
      }
    : state;

/** The link to one Redis: connecting, up, full or gone. */
export const linkTable: readonly LinkRow[] = [
  {
    when: "connected: up; it is back",
    fits: (_, event) => event.on === "connected",
    reaction: () => ({ state: { is: "up" }, tell: ["back"] }),
  },
  {
    when: "up, and it says nothing for `agent.timeout`: gone, and dial at once; patiently, where nobody waits for it: only broken",
    fits: (_, event) => event.on === "broke" && silenceIsDeath(event.cause, event.patient),
    reaction: (state, event) => ({ state: gone(state, event), tell: ["broke", "gone"], dial: "now" }),
  },
  {
    when: "up, and the connection broke: connecting, and dial at once",
    fits: (_, event) => event.on === "broke",
    reaction: () => ({ state: { is: "connecting", closed: 0 }, tell: ["broke"], dial: "now" }),
  },
  {
    when: "it has no room for us, again: still full",
    fits: (state, event) => event.on === "no-room" && state.is === "full",
    reaction: (state) => ({ state, tell: [], dial: "redial" }),
  },
  {
    when: "it has no room for us: full, for it lives",
    fits: (_, event) => event.on === "no-room",
    reaction: () => ({ state: { is: "full" }, tell: ["back"], dial: "redial" }),
  },
  {
    when: "it hung up at once, less than ten times in a row: dial at once, for it may be ending",
    fits: hungUp,
    reaction: (state) => {
      const closed = closedBefore(state) + 1;
      const next: LinkState = state.is === "gone" ? { ...state, closed } : { is: "connecting", closed };
      return { state: next, tell: [], dial: closed > 1 ? "soon" : "now" };
    },
  },
  {
    when: "gone, and no connection comes about: still gone",
    fits: (state) => state.is === "gone",
    reaction: (state, event) => ({ state: gone(state, event), tell: [], dial: "redial" }),
  },
  {
    when: "no connection comes about: gone",
    fits: () => true,
    reaction: (state, event) => ({ state: gone(state, event), tell: ["gone"], dial: "redial" }),
  },
];

export function link(state: LinkState, event: LinkEvent): LinkReaction {
  const row = linkTable.find(({ fits }) => fits(state, event)) as LinkRow;
  return row.reaction(state, event);
}

/** How this server was last heard of. */
export function reachability(state: LinkState): Reachability {
  if (state.is === "up") return "answers";
  return state.is === "gone" && state.cause === "refused" ? "refused" : "silent";
}

/**
 * Whoever asks over a link that is gone hears so at once, and not after another time-out: while its silence lasts, or where its
 * host said a moment ago (`redial_ms`) that nobody listens there.
 */
export function answersAtOnce(state: LinkState, now_ms: number, redial_ms: number): boolean {
  if (state.is !== "gone") return false;
  if (state.cause === "refused") return now_ms - state.at_ms < redial_ms;
  return state.cause === "timeout" || state.cause === "no-route";
}
