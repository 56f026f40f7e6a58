import { clusterLogs } from "../src/admin/timeline/cluster-logs.ts";
import { journalLog } from "../src/admin/timeline/journal.ts";
import { readLogs } from "../src/admin/timeline/read-logs.ts";
import { sinceMoment } from "../src/admin/timeline/since.ts";
import { runCli } from "../src/cli/cli.ts";
import { writeOutput } from "../src/cli/output-file.ts";
import { timelineReport } from "../src/report/incidents/report.ts";
import { timelineHtml } from "../src/report/timeline/html.ts";
import { timelineLines } from "../src/report/timeline/text.ts";

const readable = 0o644;

void runCli({
  name: "timeline",
  summary:
    "timeline [FILE|FOLDER|-]...: what happened, why and what it cost, from the logs of the nodes. Without a place or --journal it reads the log of this node.",
  logs: false,
  words: true,
  options: (argv) =>
    argv
      .option("since", {
        type: "string",
        requiresArg: true,
        describe: "leave out what ended before: 30m, 2h, 3d, or a time such as 2026-12-31T18:00",
      })
      .option("journal", { type: "boolean", default: false, describe: "read the journal of this host as well" })
      .option("json", { type: "boolean", default: false, describe: "print the report as JSON" })
      .option("html", {
        type: "string",
        requiresArg: true,
        describe: "write the report to this file as one page with pictures, and print nothing",
      }),
  async run({ cluster, node, since, journal, json, html }, places) {
    const since_ms = since === undefined ? Number.NEGATIVE_INFINITY : sinceMoment(since, Date.now());
    const named = [...(journal ? [await journalLog(since_ms)] : []), ...readLogs(places)];
    const report = timelineReport(named.length > 0 ? named : await clusterLogs(cluster, node), since_ms);
    if (html !== undefined) writeOutput(html, timelineHtml(report), readable, "--html");
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else if (html === undefined) process.stdout.write(`${timelineLines(report).join("\n")}\n`);
    return 0;
  },
});
