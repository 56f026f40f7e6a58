import { type DemoOutput, thousands } from "./demo-output.ts";
import type { Verified, Written } from "./verification.ts";

export interface Figures extends Written {
  twoMasters_ms: number;
  verified: Verified;
}

interface Row {
  what: string;
  now: string;
  scripts?: string;
  sentinel?: string;
}

const ms = (number: number) => `${thousands(number)} ms`;

/**
 * The figures of this run. The other two columns were measured once, in such a lab with Redis 7.0.15 and Keepalived 2.2.7: shell
 * scripts as hooks, and three Sentinels with quorum 2 (medians of 12 runs at most).
 */
function rows({ crash, recovery, twoMasters_ms, verified }: Figures): Row[] {
  const countOf = (count: number, of: number) => `${thousands(count)} of ${thousands(of)}`;
  return [
    { what: "crash: no write accepted for", now: ms(crash.gap_ms), scripts: "11,500 ms", sentinel: "1,390 ms" },
    { what: "crash: acknowledged writes lost", now: countOf(crash.lost.length, crash.report.acknowledged) },
    { what: "time with two writable masters", now: ms(twoMasters_ms), sentinel: "10,100 ms" },
    { what: "recovery: time of the command", now: ms(recovery.ms) },
    { what: "recovery: data copied", now: `${(recovery.bytes / 1e6).toFixed(1)} MB` },
    { what: "failback: no write accepted for", now: ms(recovery.gap_ms) },
    {
      what: "failback: acknowledged writes lost",
      now: countOf(verified.lostInRecovery, recovery.report.acknowledged),
      sentinel: "5,150",
    },
    ...verified.nodes.map(({ server, correct }) => ({
      what: `correct keys in db1 on ${server}`,
      now: countOf(correct, verified.written),
    })),
  ];
}

export function printFigures(figures: Figures, output: DemoOutput): void {
  const cells = ({ what, now, scripts = "", sentinel = "" }: Row) =>
    `${what.padEnd(35)}${now.padStart(18)}${scripts.padStart(11)}${sentinel.padStart(11)}`.trimEnd();
  const head = cells({ what: "", now: "this run", scripts: "scripts *", sentinel: "Sentinel *" });
  output.line();
  output.line(output.style("bold", head));
  for (const row of rows(figures)) output.line(cells(row));
  output.line();
  output.paragraph(
    "* Measured once, in a lab of the same kind. Scripts: the usual shell scripts with their sleeps. Sentinel: three, with a down-after of one second (the default is 30); the restarted old master accepted writes for 10 s; a planned failover lost 11 s of a client's writes, 470 a second.",
    "dim",
  );
}
