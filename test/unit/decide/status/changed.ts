import assert from "node:assert/strict";
import { statusReport } from "../../../../src/decide/status/report.ts";
import type { HostReport } from "../../../../src/model/host-report.ts";
import type { Observation } from "../../../../src/model/observation.ts";
import type { Gathered, GatheredNode, NodeStatus } from "../../../../src/model/status.ts";
import { hosts } from "../situations.ts";
import { gathered, type World, worlds } from "./gathered.ts";

const good = worlds.good as World;

export type Change = (nodes: { server11: GatheredNode; server12: GatheredNode }, all: Gathered) => void;

/** The good pair as server11 sees it, with changes. */
export function changed(change: Change): Gathered {
  const all = structuredClone(gathered(good, "server11"));
  const [server11, server12] = all.nodes as [GatheredNode, GatheredNode];
  change({ server11, server12 }, all);
  return all;
}

export const hostOf = ({ host }: GatheredNode): HostReport => {
  assert.ok(host.report);
  return host.report;
};

/** Its agent does not answer. */
export const hidden = (node: GatheredNode, agent?: "refused" | "hung"): void => {
  node.host = { report: undefined, why: "no agent", agent };
};

/** The findings in short: severity, cause, and what to type where. */
export const found = (input: Gathered): string[] =>
  statusReport(input).findings.map(
    ({ severity, cause, command = "-", on }) => `${severity} ${cause}: ${command}${on ? ` @${on}` : ""}`,
  );

export const silent = { kind: "unreachable", why: "timeout", detail: "no answer" } as const satisfies Observation;
/** What is wrong, in the words of the report. */
export const texts = (input: Gathered): string[] => statusReport(input).findings.map(({ text }) => text);

/** One of the nodes as it is reported. */
export function reported(input: Gathered, name: string): NodeStatus {
  const node = statusReport(input).nodes.find((one) => one.name === name);
  assert.ok(node);
  return node;
}

/** A third node, which is like server12. */
export function withServer13({ nodes }: Gathered): GatheredNode {
  const [, server12] = nodes;
  assert.ok(server12);
  const server13 = { ...structuredClone(server12), name: "server13", address: hosts.server13 ?? "" };
  nodes.push(server13);
  return server13;
}
