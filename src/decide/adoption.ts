import type { Rejected } from "../model/observation.ts";
import type { PlanRefusal } from "../model/plan.ts";
import type { Peer, SeenPeer, Situation } from "../model/situation.ts";
import { remedies } from "./facts.ts";
import { complete } from "./may-serve.ts";
import { copiesFrom, otherMasters, seenPeers } from "./situation.ts";

/** Whose data set is served, when `init` makes a cluster of servers that ran alone. */
export type Adoption =
  /** That of this node: the masters in `park` are parked, and this node is promoted unless it is master. */
  | { kind: "serve"; park: SeenPeer[]; promote: boolean }
  /** That of another node: this one keeps a dump of what only it has, and copies. */
  | { kind: "follow"; source: SeenPeer }
  /** A cluster that ran before: its own decisions find the newest data. */
  | { kind: "start" }
  | { kind: "refused"; refusal: PlanRefusal };

export interface AdoptionFacts {
  situation: Situation;
  /** The operator says that the data of this node are kept (`--adopt`). */
  adopt: boolean;
  /** This node comes to a cluster that another one has begun (`--join`). */
  join: boolean;
  /** There was no cluster file here and no `--join`: nobody has begun this cluster, as far as this node knows. */
  begins: boolean;
}

interface AdoptionRow {
  when: string;
  fits(facts: AdoptionFacts): boolean;
  adoption(facts: AdoptionFacts): Adoption;
}

export const adoptionTable: readonly AdoptionRow[] = [
  {
    when: "the local Redis does not answer, rejects our login or our commands, or is loading: refuse",
    fits: ({ situation: { node } }) => node.seen.kind !== "observed" || node.seen.loading !== undefined,
    adoption: ({ situation: { node } }) => {
      const { name, seen } = node;
      if (seen.kind === "observed")
        return refused(`${name} is loading its data set`, "run init again when it has loaded");
      if (seen.kind === "rejected") return refused(`the local Redis rejects us: ${seen.detail}`, remedies[seen.why]);
      return refused(`the local Redis does not answer: ${seen.detail}`, "start it, and run init again");
    },
  },
  {
    when: "`--adopt`, but the local Redis has copied the data of a master: refuse",
    fits: (facts) => facts.adopt && masterCopied(facts) !== undefined,
    adoption: (facts) =>
      refused(
        `${nameOf(facts)} already has the data of ${masterCopied(facts)?.name}, which is master`,
        "nothing has to be adopted; `switchover` makes this node the master",
      ),
  },
  {
    when: "`--adopt`: the data of this node are served, and other masters are parked",
    fits: ({ adopt }) => adopt,
    adoption: (facts) => ({ kind: "serve", park: otherMasters(facts.situation), promote: !isMaster(facts) }),
  },
  {
    when: "this node has data, and the only other master has none: serve this node's data; with `--join` refuse, since that one may have lost them",
    fits: (facts) => keysHere(facts) > 0 && isMaster(facts) && masters(facts).length > 0 && emptyMasters(facts),
    adoption: (facts) => {
      if (!facts.join) return { kind: "serve", park: otherMasters(facts.situation), promote: false };
      return refused(
        `${nameOf(facts)} has ${keysHere(facts)} keys, and ${masters(facts)[0]?.name}, which is master, has none`,
        "to serve the keys of this node: the same command with --adopt; to give them up: FLUSHALL here, and run it again",
      );
    },
  },
  {
    when: "this node and another master both have data, and it was not said whose are kept: refuse",
    fits: (facts) => !facts.join && isMaster(facts) && keysHere(facts) > 0 && masters(facts).length > 0,
    adoption: (facts) =>
      refused(
        `${nameOf(facts)} has ${keysHere(facts)} keys, and ${masters(facts)
          .map(({ name, seen }) => `${name} has ${seen.keys}`)
          .join(", ")}: it is not clear whose are to be served`,
        "run `init --adopt` on the node whose keys are kept; those of the other one are kept there as a dump",
      ),
  },
  {
    when: "neither this node nor the other master has data, and this node begins the cluster: serve this node's",
    fits: (facts) => !facts.join && isMaster(facts) && masters(facts).length > 0 && emptyMasters(facts),
    adoption: ({ situation }) => ({ kind: "serve", park: otherMasters(situation), promote: false }),
  },
  {
    when: "another node is master, and there was neither a cluster file here nor `--join`: refuse, since that node has to begin",
    fits: (facts) => facts.begins && masters(facts).length > 0,
    adoption: (facts) =>
      refused(
        `${masters(facts)[0]?.name} is master (${masters(facts)[0]?.seen.keys} keys), so the cluster has to begin there`,
        `run \`init\` on ${masters(facts)[0]?.name}, and then here the line that it prints`,
      ),
  },
  {
    when: "another node is master: follow it, and keep what only this node has as a dump",
    fits: (facts) => masters(facts).length > 0,
    adoption: (facts) => ({ kind: "follow", source: masters(facts)[0] as SeenPeer }),
  },
  {
    when: "`--join`, and another node rejects our login or our commands: refuse",
    fits: (facts) => facts.join && rejecting(facts) !== undefined,
    adoption: (facts) => {
      const { name, seen } = rejecting(facts) as Peer & { seen: Rejected };
      return refused(
        `${name} rejects us: ${seen.detail}`,
        seen.why === "password" ? `--password-file must name a file with the password of ${name}` : remedies[seen.why],
      );
    },
  },
  {
    when: "`--join`, and no other node is master: refuse",
    fits: ({ join }) => join,
    adoption: (facts) =>
      refused(
        `no other node is master (${othersInWords(facts)})`,
        "run `init` on the node whose data are kept until it serves, or the same command with --adopt to serve what is here",
      ),
  },
  {
    when: "the local Redis is the only master: serve its data",
    fits: isMaster,
    adoption: () => ({ kind: "serve", park: [], promote: false }),
  },
  {
    when: "no node is master, and the data set of this node is complete: start, and the newest data are found as after any stop of the whole cluster",
    fits: ({ situation: { node } }) => node.seen.kind === "observed" && node.seen.keys > 0 && complete(node.seen),
    adoption: () => ({ kind: "start" }),
  },
  {
    when: "no node is master, this node has no data, and another one has: refuse",
    fits: (facts) => keysHere(facts) === 0 && seenPeers(facts.situation).some(({ seen }) => seen.keys > 0),
    adoption: (facts) => {
      const other = seenPeers(facts.situation).find(({ seen }) => seen.keys > 0);
      return refused(
        `${nameOf(facts)} has no keys, and ${other?.name} has ${other?.seen.keys} and is not master`,
        `run \`init --adopt\` on ${other?.name}`,
      );
    },
  },
  {
    when: "no node is master, and no node that answers has data: serve this node's",
    fits: (facts) => keysHere(facts) === 0,
    adoption: () => ({ kind: "serve", park: [], promote: true }),
  },
  {
    when: "no node is master, and this node has data of an incomplete or unknown copy: refuse",
    fits: () => true,
    adoption: (facts) =>
      refused(
        `${nameOf(facts)} has ${keysHere(facts)} keys of an incomplete or unknown copy, and no node is master (${othersInWords(facts)})`,
        "to serve them: `init --adopt` on this node",
      ),
  },
];

export const adoption = (facts: AdoptionFacts): Adoption =>
  (adoptionTable.find(({ fits }) => fits(facts)) as AdoptionRow).adoption(facts);

const refused = (cause: string, remedy: string): Adoption => ({ kind: "refused", refusal: { cause, remedy } });
const nameOf = ({ situation }: AdoptionFacts): string => situation.node.name;
const masters = ({ situation }: AdoptionFacts): SeenPeer[] => otherMasters(situation);
const emptyMasters = (facts: AdoptionFacts): boolean => masters(facts).every(({ seen }) => seen.keys === 0);

function isMaster({ situation: { node } }: AdoptionFacts): boolean {
  return node.seen.kind === "observed" && node.seen.role === "master";
}

const keysHere = ({ situation: { node } }: AdoptionFacts): number =>
  node.seen.kind === "observed" ? node.seen.keys : 0;

/** A master whose whole data set this node has, with the link up. */
function masterCopied({ situation }: AdoptionFacts): SeenPeer | undefined {
  const { seen } = situation.node;
  if (seen.kind !== "observed" || seen.source?.link !== "up" || !complete(seen)) return undefined;
  return otherMasters(situation).find((peer) => copiesFrom(seen, peer));
}

const rejecting = ({ situation }: AdoptionFacts): Peer | undefined =>
  situation.peers.find(({ seen }) => seen.kind === "rejected");

const othersInWords = ({ situation }: AdoptionFacts): string =>
  situation.peers
    .map(({ name, seen }) => `${name}: ${seen.kind === "observed" ? `a replica with ${seen.keys} keys` : seen.detail}`)
    .join("; ");
