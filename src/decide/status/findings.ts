import type { Finding, Settings } from "../../model/status.ts";
import { type FindingRow, names, type StatusFacts } from "./facts.ts";
import { hostRows } from "./hosts.ts";
import { replicationRows } from "./replication.ts";
import { roleRows } from "./roles.ts";

export const findingsTable: readonly FindingRow[] = [...roleRows, ...replicationRows, ...hostRows];

/** All that is wrong, what is critical first and otherwise in the order of the table; or that nothing is. */
export function findingsOf(seen: Omit<StatusFacts, "settings" | "masters" | "holders">, settings: Settings): Finding[] {
  const { nodes } = seen;
  const masters = nodes.filter(({ redis }) => redis.value?.state === "master" && redis.value.loading_s === null);
  const holders = nodes.filter(({ holder }) => holder.value === true);
  const facts: StatusFacts = { ...seen, settings, masters, holders };
  const found = findingsTable.flatMap((row) => row.find(facts));
  if (found.length === 0) return [good(facts)];
  return found.toSorted((a, b) => Number(b.severity === "critical") - Number(a.severity === "critical"));
}

function good({ nodes, masters, holders }: StatusFacts): Finding {
  const replicas = nodes.length - 1;
  const inSync = nodes.filter(({ link }) => link.value?.state === "up").length;
  const vip = holders.length > 0 ? "and has the virtual IP" : "(who has the virtual IP is not known)";
  const text = `${names(masters)} is master ${vip}, ${inSync} of ${replicas} replicas in sync`;
  return { severity: "ok", cause: "good", text };
}
