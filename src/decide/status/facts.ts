import type { Finding, NodeStatus, Settings, StatusReport } from "../../model/status.ts";

export interface StatusFacts extends Omit<StatusReport, "version" | "findings"> {
  settings: Settings;
  masters: NodeStatus[];
  holders: NodeStatus[];
}

/** A row finds the same thing wrong at any number of nodes. */
export interface FindingRow {
  /** For docs/decisions.md. */
  when: string;
  find(facts: StatusFacts): Finding[];
}

// A failover and what follows it are over by then, in either profile.
const settled_s = 10;

/** Roles or links have changed within the last seconds, so what is wrong may right itself. */
export const justNow = ({ nodes }: StatusFacts): boolean =>
  nodes.some(({ link, vrrp, last_transition }) =>
    [link.value?.down_s, vrrp.value?.for_s, last_transition.value?.ago_s].some(
      (ago_s) => typeof ago_s === "number" && ago_s < settled_s,
    ),
  );

export const names = (nodes: readonly NodeStatus[]): string => nodes.map(({ name }) => name).join(" and ");

/** One of our own commands. */
export const ours = ({ settings }: StatusFacts, command: string): string => `${command}${settings.options}`;

export const watch = (facts: StatusFacts): string => ours(facts, "status --watch");

export const at = ({ name, here }: NodeStatus): Pick<Finding, "on"> => (here ? {} : { on: name });

export const redisCli = (
  { settings: { passwordFile, redisCli, port } }: StatusFacts,
  node: NodeStatus,
  command: string,
): string =>
  `${passwordFile ? `REDISCLI_AUTH=$(cat ${passwordFile}) ` : ""}${redisCli} -h ${node.address} -p ${port} ${command}`;

/** Nobody listens, or it was not seen. */
export const absent = ({ redis }: NodeStatus): boolean => redis.value === null || redis.value.state === "refused";

/** Its agent has answered, or it is this host. */
export const hostAnswers = ({ priority }: NodeStatus): boolean => priority.value !== null;

/** How to look at a Redis that was not seen. */
export const lookAt = (facts: StatusFacts, node: NodeStatus): string => {
  if (justNow(facts)) return watch(facts);
  if (node.here) return "ps -C redis-server,valkey-server -o pid,stat,etime,args";
  return hostAnswers(node) ? redisCli(facts, node, "PING") : `ping -c 3 ${node.address}`;
};
