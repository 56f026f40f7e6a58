import type { LinkEvent, LinkReaction, LinkState } from "../model/link.ts";
import type { Reachability } from "../model/observation.ts";
import { silenceMeansGone } from "./peer-gone.ts";

// A Redis that shuts down closes its clients first and listens for a few milliseconds more. It accepts a connection, closes it,
// and refuses the next one.
const maxClosed = 10;

interface LinkRow {
  when: string;
  fits(state: LinkState, event: LinkEvent): boolean;
  reaction(state: LinkState, event: LinkEvent): LinkReaction;
}

const closedBefore = (state: LinkState): number => ("closed" in state ? state.closed : 0);
const closedAtOnce = (state: LinkState, event: LinkEvent): boolean =>
  event.on === "failed" && event.cause === "closed" && closedBefore(state) + 1 < maxClosed;

const gone = (state: LinkState, event: LinkEvent): LinkState =>
  event.on === "broke" || event.on === "failed"
    ? {
        is: "gone",
        cause: event.cause,
        at_ms: event.at_ms,
        closed: closedBefore(state) + (event.cause === "closed" ? 1 : 0),
      }
    : state;

/** The agent's connection to one Redis: connecting, up, full or gone. */
export const linkTable: readonly LinkRow[] = [
  {
    // After a cut: the next decision must not take a server for gone that can be reached again.
    when: "gone after a time-out, and Keepalived of another node is heard: connecting, since nothing is known any more",
    fits: (state, event) => event.on === "heard" && state.is === "gone" && state.cause !== "refused",
    reaction: () => ({ state: { is: "connecting", closed: 0 }, tell: [] }),
  },
  {
    when: "Keepalived of another node is heard: as before",
    fits: (_, event) => event.on === "heard",
    reaction: (state) => ({ state, tell: [] }),
  },
  {
    when: "connected: up, and reported as back",
    fits: (_, event) => event.on === "connected",
    reaction: () => ({ state: { is: "up" }, tell: ["back"] }),
  },
  {
    when: "up, and no answer within `agent.timeout`, from a server that others wait for: gone, connect again at once",
    fits: (_, event) => event.on === "broke" && silenceMeansGone(event.cause, event.patient),
    reaction: (state, event) => ({ state: gone(state, event), tell: ["broke", "gone"], dial: "now" }),
  },
  {
    when: "up, and the connection broke: connecting, connect again at once",
    fits: (_, event) => event.on === "broke",
    reaction: () => ({ state: { is: "connecting", closed: 0 }, tell: ["broke"], dial: "now" }),
  },
  {
    when: "the server has reached `maxclients`, as before: still full",
    fits: (state, event) => event.on === "no-room" && state.is === "full",
    reaction: (state) => ({ state, tell: [], dial: "redial" }),
  },
  {
    when: "the server has reached `maxclients`: full, and reported as back, since it is alive",
    fits: (_, event) => event.on === "no-room",
    reaction: (state) => ({ state: { is: "full", closed: closedBefore(state) }, tell: ["back"], dial: "redial" }),
  },
  {
    when: "the server closed the connection at once, less than ten times in a row: connect again at once, since it may be shutting down",
    fits: closedAtOnce,
    reaction: (state) => {
      const closed = closedBefore(state) + 1;
      const next: LinkState = state.is === "up" ? { is: "connecting", closed } : { ...state, closed };
      return { state: next, tell: [], dial: closed > 1 ? "soon" : "now" };
    },
  },
  {
    when: "gone, and no connection is made: still gone",
    fits: (state) => state.is === "gone",
    reaction: (state, event) => ({ state: gone(state, event), tell: [], dial: "redial" }),
  },
  {
    when: "no connection is made: gone",
    fits: () => true,
    reaction: (state, event) => ({ state: gone(state, event), tell: ["gone"], dial: "redial" }),
  },
];

export function link(state: LinkState, event: LinkEvent): LinkReaction {
  const row = linkTable.find(({ fits }) => fits(state, event)) as LinkRow;
  return row.reaction(state, event);
}

/** Whether this server answers. */
export function reachability(state: LinkState): Reachability {
  if (state.is === "up") return "answers";
  return state.is === "gone" && state.cause === "refused" ? "refused" : "silent";
}

/**
 * A caller that needs a link that is gone gets the error at once, without waiting for another time-out. After a refused
 * connection this holds for `redial_ms` only.
 */
export function answersAtOnce(state: LinkState, now_ms: number, redial_ms: number): boolean {
  if (state.is !== "gone") return false;
  if (state.cause === "refused") return now_ms - state.at_ms < redial_ms;
  return state.cause === "timeout" || state.cause === "no-route";
}
