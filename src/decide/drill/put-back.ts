import type { Situation } from "../../model/situation.ts";
import { complete } from "../may-serve.ts";
import { copiesFrom, observedNodes } from "../situation.ts";

/** The pair after a drill that was stopped, or in which a step failed. */
export interface PutBackFacts {
  /** The master of before the drill. */
  origin: string;
  /** The nodes that are master now. */
  masters: readonly string[];
  /** The origin is a replica in sync with the only master. */
  originInSync: boolean;
  /** The Redis of the origin answers. */
  originAnswers: boolean;
  /** The drill has killed it. */
  killed: boolean;
  /** Every other node is a replica in sync with the origin. */
  othersInSync: boolean;
  elapsed_s: number;
}

/** `wait`: look again. `leave`: only a person can go on; `remedy` says how. */
export type PutBack =
  | { do: "nothing" | "wait" | "start-redis" | "recover" | "move-back" }
  | { do: "leave"; because: string; remedy: string };

// A failover, the end of a drain and a partial resync are over by then, in either profile.
const settle_s = 20;

/** The first row that fits decides. It is asked again after each thing that was done. */
export const putBackTable: readonly {
  when: string;
  fits(facts: PutBackFacts): boolean;
  decision(facts: PutBackFacts): PutBack;
}[] = [
  {
    when: "the old master is the only master, and all others are in sync with it: nothing",
    fits: ({ masters, origin, othersInSync }) => only(masters, origin) && othersInSync,
    decision: () => ({ do: "nothing" }),
  },
  {
    when: "another node is the only master, and the old one is in sync with it: move the role back",
    fits: ({ masters, origin, originInSync }) => masters.length === 1 && masters[0] !== origin && originInSync,
    decision: () => ({ do: "move-back" }),
  },
  {
    when: "the drill has killed the old master, and another node is the only master: recover the old one",
    fits: ({ killed, masters, origin }) => killed && masters.length === 1 && masters[0] !== origin,
    decision: () => ({ do: "recover" }),
  },
  {
    when: "the drill has killed the old master, it does not answer, and nobody is master yet after 20 seconds: start its Redis",
    fits: ({ killed, masters, originAnswers, elapsed_s }) =>
      killed && masters.length === 0 && !originAnswers && elapsed_s >= settle_s,
    decision: () => ({ do: "start-redis" }),
  },
  {
    when: "no row fits for 40 seconds: leave it to a person",
    fits: ({ elapsed_s }) => elapsed_s >= 2 * settle_s,
    decision: ({ masters, origin }) =>
      only(masters, origin)
        ? {
            do: "leave",
            because: `${origin} is master, and its replica is not in sync`,
            remedy: "`status` says what to do",
          }
        : masters.length === 1
          ? {
              do: "leave",
              because: `${masters[0]} is master, and ${origin} is not in sync with it`,
              remedy: `run \`recover-master\` on ${origin}`,
            }
          : {
              do: "leave",
              because: masters.length === 0 ? "no node is master" : `${masters.join(" and ")} are master`,
              remedy: "`status` says what to do",
            },
  },
  { when: "otherwise: wait", fits: () => true, decision: () => ({ do: "wait" }) },
];

const only = (masters: readonly string[], name: string): boolean => masters.length === 1 && masters[0] === name;

export const putBack = (facts: PutBackFacts): PutBack =>
  (putBackTable.find(({ fits }) => fits(facts)) as (typeof putBackTable)[number]).decision(facts);

/** Who is master, and who follows it, as far as the nodes answer. */
export function pairFacts(
  situation: Situation,
  origin: string,
): Pick<PutBackFacts, "masters" | "originInSync" | "originAnswers" | "othersInSync"> {
  const nodes = observedNodes(situation);
  const masters = nodes.filter(({ seen }) => seen.role === "master" && !seen.loading);
  const [master] = masters;
  const inSync = (name: string): boolean =>
    nodes.some(
      (node) =>
        node.name === name &&
        master !== undefined &&
        copiesFrom(node.seen, master) &&
        node.seen.source?.link === "up" &&
        complete(node.seen),
    );
  const all = [situation.node, ...situation.peers].map(({ name }) => name);
  return {
    masters: masters.map(({ name }) => name),
    originInSync: inSync(origin),
    originAnswers: nodes.some(({ name }) => name === origin),
    othersInSync: all.every((name) => name === origin || inSync(name)),
  };
}
