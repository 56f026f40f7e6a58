import { clientTables } from "./clients/page.ts";
import { contenders } from "./contenders/all.ts";
import { events } from "./events.ts";
import type { Measured, Results, Row } from "./results.ts";
import { summarise } from "./statistics.ts";
import { figure, table } from "./table.ts";

const clientsTitle = "What applications see, by client library (profile agent)";

/** bench/RESULTS.md: what a person reads. */
export function markdown({ machine, failovers, clients, tables }: Results): string {
  const dates = [...failovers, ...clients, ...tables].map(({ date }) => date.slice(0, 10)).sort();
  const parts = [
    "# What a failover costs, measured side by side",
    "Made by `npm run bench`: whole hosts on one machine (network namespaces), real Redis, Keepalived and Sentinel, a " +
      "client that writes all the time. Another machine gives other figures; what counts is how they compare.",
    table([{ ...machine, Measured: [...new Set([dates[0], dates.at(-1)])].join(" to ") }]),
    "![the gaps, run by run](gaps.svg)",
    contenders.map(({ name, what }) => `- **${name}**: ${what}`).join("\n"),
    "*Gap*: the client's longest time without an acknowledged write. The client retries at once and gives a connection " +
      "5 ms, a reply 25 ms. *Lost*: acknowledged writes that the last master does not have; *not kept*: those of them that " +
      "are in no dump either. *Two masters*: time with two writable masters that clients can reach; one that hangs or is cut " +
      "off counts from its return on. p99 of fewer than 100 runs is their maximum.",
    ...events.flatMap(({ name, what }) => {
      const rows = failovers.filter(({ event }) => event === name).map(row);
      return rows.length > 0 ? [`## ${name}: ${what}`, table(rows)] : [];
    }),
    ...(clients.length > 0 ? [`## ${clientsTitle}`, clientTables(clients)] : []),
    ...tables.flatMap(({ title, rows }) => [`## ${title}`, table(rows)]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function row({ contender, trials, failed }: Measured): Row {
  const gap = summarise(trials.map(({ gap_ms }) => gap_ms));
  const lost = summarise(trials.map((one) => one.lost));
  const two = summarise(trials.map(({ twoMasters_ms }) => twoMasters_ms));
  const unsettled = trials.filter(({ settled }) => !settled).length;
  return {
    "": contender,
    runs: `${gap.runs}${failed > 0 ? ` (and ${failed} failed)` : ""}`,
    "gap median ms": figure(gap.median),
    "p99 ms": figure(gap.p99),
    "max ms": figure(gap.max),
    "lost median": figure(lost.median),
    "lost max": figure(lost.max),
    "not kept max": figure(summarise(trials.flatMap(({ gone }) => gone ?? [])).max),
    "two masters median ms": figure(two.median),
    "max two masters ms": `${figure(two.max)}${unsettled > 0 ? ` (${unsettled} without end)` : ""}`,
  };
}
