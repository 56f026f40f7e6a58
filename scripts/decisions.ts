import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { adoptionTable } from "../src/decide/adoption.ts";
import { lossTable } from "../src/decide/agent/links.ts";
import { agentTables } from "../src/decide/agent/react.ts";
import { checksTable } from "../src/decide/doctor/report.ts";
import { conclusionTable } from "../src/decide/drill/conclusion.ts";
import { startTable } from "../src/decide/drill/may-start.ts";
import { putBackTable } from "../src/decide/drill/put-back.ts";
import { hookTable } from "../src/decide/hook.ts";
import { linkTable } from "../src/decide/link.ts";
import { moveTable } from "../src/decide/move-progress.ts";
import { repairTable } from "../src/decide/repair.ts";
import { findingsTable } from "../src/decide/status/findings.ts";
import { readinessTable } from "../src/decide/switchover.ts";
import { notReadyTable, tables } from "../src/decide/transition.ts";
import { healthTable } from "../src/decide/verdict.ts";
import { peersTable } from "../src/decide/verdict-with-peers.ts";
import { fenceTable } from "../src/decide/write-fence.ts";
import { metricsTable } from "../src/metrics/exposition.ts";
import type { AgentEvent } from "../src/model/agent.ts";
import { logEvents } from "../src/model/log-events.ts";

// Pages that are written from the code. `npm run decisions` writes them, a test holds them to it.

type Rows = readonly { when: string }[];

const section = (title: string, about: string, rows: Rows): string =>
  [`## ${title}`, "", about, "", ...rows.map(({ when }, index) => `${index + 1}. ${when}`), ""].join("\n");

const transitions: Readonly<Record<keyof typeof tables, string>> = {
  MASTER: "Keepalived gave this node the virtual IP (`notify-master`).",
  BACKUP: "Keepalived removed the virtual IP, or has just started (`notify-backup`).",
  FAULT: "This node is in FAULT: its check, track file or interface failed (`notify-fault`).",
  STOP: "Keepalived is stopping (`notify-stop`).",
};

/** What each event of the agent is, as a heading says it. */
const agentEvents: Readonly<Record<AgentEvent["on"], string>> = {
  "vrrp-line": "Keepalived writes a line into the FIFO",
  "fifo-closed": "Keepalived closes the FIFO",
  "keepalived-watched": "Keepalived was watched after it closed the FIFO",
  "stepped-down": "This node has stepped down",
  second: "Every second (nothing in maintenance)",
  "link-broke": "The connection to a Redis breaks",
  "link-gone": "Nobody answers at a Redis any more",
  "link-back": "A Redis answers again, or for the first time",
  "local-read": "The local Redis was read after its link came back",
  "local-parked": "The local Redis was parked after a restart",
  checked: "A health check has ended",
  "client-access-set": "Clients are blocked, or let in, as that check wants it",
  "health-told": "Keepalived was told the health of this node",
  "repair-due": "The health check wants a transition to be carried out once more",
  "other-master-looked": "The peers were asked whether one of them is master",
  "role-change-ended": "A role change has ended",
  "preferred-read": "The preferred node was read before the role goes back to it",
  "announcement-ended": "The local Redis ended the announcement of this node",
  "blocked-to-drain": "Clients are blocked, so that this node can be drained",
  "drain-failed": "This node could not be drained",
  "surroundings-read": "What the elastic fence depends on was read",
  "fence-set": "The elastic fence was set or lifted",
  stopping: "The agent ends",
};

const agentSection = (): string =>
  Object.entries(agentTables)
    .map(([on, several]) => {
      const lists = (several as readonly Rows[]).map((rows) =>
        rows.map(({ when }, index) => `${index + 1}. ${when}`).join("\n"),
      );
      return `### ${agentEvents[on as AgentEvent["on"]]}\n\n${lists.join("\n\nand\n\n")}\n`;
    })
    .join("\n");

export function decisions(): string {
  return `# What is decided, and when

Written by \`npm run decisions\` from the tables in \`src/decide/\`. The first row that fits decides; \`--dry-run\` of a hook
prints the row and its steps for the situation as it is.

${section("HOOK", "A hook was started: by Keepalived, by the monitor (a repair), or by a person.", hookTable)}
${section("Before every transition", "The local Redis doesn't answer, answers with an error, or is loading.", notReadyTable)}
${Object.entries(tables)
  .map(([name, rows]) => section(name, transitions[name as keyof typeof tables], rows))
  .join("\n")}
## Carrying a plan out

- At \`confirm\`, behind a fence, the cluster is observed again and the decision made again. The remaining steps are taken only if the
  decision is still the same.
- If a step fails at the local Redis, or at the node that is to become master, the cluster is observed again and the decision made
  again, six times at most. A hand-over of a planned move that was given up meanwhile is not tried again.
- A plan that stopped half-way may have left a fence. The next plan lifts it first, unless it fences as well.
- A newer transition stops an older one before its next step, and takes over its fence. If no newer one comes, the fence is lifted.

${section("HEALTH", "May this node hold the virtual IP? The monitor's verdict and the agent's. A *soft* cause counts only where a peer would do better.", healthTable)}
${section("HEALTH, with the peers", "For a soft cause the peers are observed. A peer would do better if its data set is complete, it accepts writes, and it is master or has data. For \\`not-following\\`, \\`link-down\\`, \\`restarted\\` and \\`master-without-vip\\` it must be master or have writes that the local Redis lacks, see \\`src/decide/verdict-with-peers.ts\\`. At last, a fit node that was asked to give up the virtual IP is unfit (\\`draining\\`).".replaceAll("\\`", "`"), peersTable)}
${section("REPAIR", "The health check found a cause that a hook repairs: is a transition carried out again?", repairTable)}
${section("SWITCHOVER", "A planned change of master may begin, the target being a replica in sync: is its Keepalived ready to take the virtual IP?", readinessTable)}
${section("PLANNED MOVE", "`switchover` or `recover-master --failback` has asked for the virtual IP: wait, or give up and end the drain?", moveTable)}
${section("DRILL", "May it start? If no row refuses, it does.", startTable)}
${section("DRILL, put back", "It was stopped, or a step failed. Decided again after each thing that was done.", putBackTable)}
${section("DRILL, result", "What a drill has shown.", conclusionTable)}
${section("ADOPTION", "`init` makes a cluster of servers that ran alone: whose data are served?", adoptionTable)}
${section("WRITE FENCE", "`failover.elastic_fence`: a master that loses its replica refuses writes until no other node can be master.", fenceTable)}
${section("LINK", "The agent's connection to one Redis: connecting, up, full or gone.", linkTable)}
${section("PARK", "A node is gone, or the connection to it broke: is the local replica parked?", lossTable)}
${section("STATUS", "What `status` says is wrong. Every row that fits counts; the gravest stands first, of equals the first.", findingsTable)}
## AGENT

What the agent does, event by event. Where two lists stand under one event, the first row that fits in each decides.

${agentSection()}`;
}

/** docs/log-events.md: what the \`event\` of a log line can be. */
export function eventList(): string {
  const rows = Object.entries(logEvents).map(([event, meaning]) => `| \`${event}\` | ${meaning} |`);
  return `# Log events

Written by \`npm run decisions\` from \`src/model/log-events.ts\`. Each line of the log has an \`event\`: programs go by it, the message is
for people and may change.

## In the journal

\`journalctl -t keepalived-redis\` has every line of every executable, the hooks and the monitor that Keepalived starts included; syslog has the
same tag where there is no journald. The message is the line as in the file. Each field of it that is a text, a number or a
boolean is a field of the entry as well, such as \`KEEPALIVED_REDIS_EVENT\`, \`_EXECUTABLE\`, \`_NODE\`, \`_CLUSTER\`, \`_TRANSITION\` and \`_STEP\`:

    journalctl -t keepalived-redis KEEPALIVED_REDIS_EVENT=verdict --since today -o cat
    journalctl -t keepalived-redis KEEPALIVED_REDIS_EXECUTABLE=agent + KEEPALIVED_REDIS_EXECUTABLE=notify-master -p warning
    journalctl -t keepalived-redis -o json --output-fields KEEPALIVED_REDIS_EVENT,KEEPALIVED_REDIS_MESSAGE

\`logger --journald\` sends the entries, one process each, about 3 ms of a processor (measured), after the line is in the file. Their time is
when journald got them; \`KEEPALIVED_REDIS_TIMESTAMP\` has that of the line. \`journalctl -u\` need not find them all: journald can't
tell the unit of a process that has ended. The units have the same identifier for what they print.

## The events

| event | means |
|---|---|
${rows.join("\n")}
`;
}

export const docs = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));
export const written = (file: string): string => readFileSync(file, "utf8");

const doctorPage = "docs/doctor.md";
const alertingPage = "docs/alerting.md";

/** docs/doctor.md as it is, but for the list of all checks. */
function withChecks(): string {
  const rows = checksTable.map(({ name, looksAt, page }) => {
    const link = page === doctorPage ? "here" : `[${basename(page, ".md")}](${basename(page)})`;
    return `| \`${name}\` | ${looksAt} | ${link} |`;
  });
  const list = ["| check | looks at | more |", "|---|---|---|", ...rows].join("\n");
  return between(written(docs(doctorPage)), "checks", list);
}

/** docs/alerting.md as it is, but for the table of all metrics. */
function withMetrics(): string {
  const rows = metricsTable.map(({ name, help, labels = [] }) => `| \`${name}\` | ${quoted(labels)} | ${help} |`);
  const table = ["| metric | labels | |", "|---|---|---|", ...rows].join("\n");
  return between(written(docs(alertingPage)), "metrics", table);
}

const quoted = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(", ");

/** The page with this text between its two comments. */
export const between = (page: string, what: string, text: string): string =>
  page.replace(
    new RegExp(`(<!-- ${what}: [^\\n]*-->\\n)[\\s\\S]*?(<!-- end of the ${what} -->)`),
    (_, start: string, end: string) => `${start}\n${text}\n\n${end}`,
  );

export const pages: readonly { file: string; text: () => string }[] = [
  { file: "docs/decisions.md", text: decisions },
  { file: "docs/log-events.md", text: eventList },
  { file: doctorPage, text: withChecks },
  { file: alertingPage, text: withMetrics },
].map(({ file, text }) => ({ file: docs(file), text }));

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const { file, text } of pages) writeFileSync(file, text());
