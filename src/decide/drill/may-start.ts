import type { DoctorReport } from "../../model/doctor-report.ts";
import type { PlanRefusal } from "../../model/plan.ts";
import type { Finding, StatusReport } from "../../model/status.ts";
import type { Switchover } from "../switchover.ts";

/** What is known before a drill. */
export interface StartFacts {
  status: Pick<StatusReport, "findings">;
  doctor: Pick<DoctorReport, "findings">;
  /** The decision of `switchover` without a target. */
  move: Switchover;
  /** Only with `--kill-redis`. */
  kill: KillFacts | undefined;
}

export interface KillFacts {
  /** The node of this host. */
  here: string;
  /** Why the process of the local Redis is not known; undefined if it is. */
  unknown: string | undefined;
  /** The program of `commands.start_redis`. */
  program: string;
  programFound: boolean;
}

export type DrillStart = { kind: "refused"; refusal: PlanRefusal } | { kind: "go"; from: string; to: string };

// What it found is from an earlier failure, and no move changes it.
const harmless = ["good", "quarantine"];

/** The first finding of `status` that keeps a drill from starting. */
export const wrongIn = ({ findings }: StartFacts["status"]): Finding | undefined =>
  findings.find(({ cause }) => !harmless.includes(cause));

interface Refusing {
  when: string;
  refusal(facts: StartFacts): PlanRefusal | undefined;
}

/** The first row that refuses decides. */
export const startTable: readonly Refusing[] = [
  {
    when: "`status` finds anything wrong, maintenance and a replica out of sync included, but for a quarantine: refuse",
    refusal: ({ status }) => {
      const found = wrongIn(status);
      if (!found) return undefined;
      const { text, command = "status", on } = found;
      return { cause: text, remedy: `put that right first${on === undefined ? "" : `, on ${on}`}: ${command}` };
    },
  },
  {
    when: "`doctor` finds a danger: refuse",
    refusal: ({ doctor }) => {
      const [found, ...more] = doctor.findings.filter(({ severity }) => severity === "danger");
      if (!found) return undefined;
      const others = more.length === 0 ? "" : ` (and ${more.length} more: \`doctor\`)`;
      return {
        cause: `${found.check}: ${found.what}${others}`,
        remedy: `put that right first, in ${found.change.where}: ${found.change.line}`,
      };
    },
  },
  {
    when: "`switchover` would be refused: refuse",
    refusal: ({ move }) => (move.kind === "refused" ? move.refusal : undefined),
  },
  {
    when: "`--kill-redis`, and another node is master: refuse",
    refusal: ({ move, kill }) =>
      kill && move.kind === "go" && move.from !== kill.here
        ? {
            cause: `${move.from} is master, and only its own host can kill its Redis`,
            remedy: `run it on ${move.from}`,
          }
        : undefined,
  },
  {
    when: "`--kill-redis`, and the process of the local Redis is not known: refuse",
    refusal: ({ kill }) =>
      kill?.unknown === undefined
        ? undefined
        : {
            cause: `the process of the local Redis is not known: ${kill.unknown}`,
            remedy: "drill without --kill-redis, or kill it by hand and see with `timeline` what happened",
          },
  },
  {
    when: "`--kill-redis`, and there is no program of `commands.start_redis`: refuse",
    refusal: ({ kill }) =>
      !kill || kill.programFound
        ? undefined
        : {
            cause: `${kill.program} is not installed, so Redis could not be started again`,
            remedy: "name the command that starts it: commands.start_redis in the cluster file",
          },
  },
];

export function drillStart(facts: StartFacts): DrillStart {
  for (const { refusal } of startTable) {
    const found = refusal(facts);
    if (found) return { kind: "refused", refusal: found };
  }
  const { move } = facts;
  if (move.kind === "go") return move;
  return {
    kind: "refused",
    refusal: { cause: "there is no replica to move to", remedy: "`status` says what to do" },
  };
}
