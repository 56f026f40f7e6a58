import type { DoctorFacts, Fact, NodeFacts } from "../../model/doctor.ts";
import type { DoctorFinding, NotKnown } from "../../model/doctor-report.ts";

/** One check: what it looks at, and what it finds in the facts. */
export interface Check {
  name: string;
  /** For `--list` and docs/doctor.md. */
  looksAt: string;
  page: string;
  /** It needs the bytes that are written, which takes a second to measure. */
  measures?: true;
  find(facts: DoctorFacts): Found[];
}

export type Found = Omit<DoctorFinding, "check" | "page"> | Omit<NotKnown, "check">;

/** Judges each node by one of its facts. A fact that could not be had is reported as not known. */
export const onEachNode =
  <T>(fact: (node: NodeFacts) => Fact<T>, judge: (value: T, node: NodeFacts, facts: DoctorFacts) => Found[]) =>
  (facts: DoctorFacts): Found[] =>
    facts.nodes.flatMap((node) => known(fact(node), node.name, (value) => judge(value, node, facts)));

export const known = <T>(fact: Fact<T>, on: string, judge: (value: T) => Found[]): Found[] =>
  "unknown" in fact ? [{ on, not_known: fact.unknown, ...(fact.harmless && { harmless: true }) }] : judge(fact.value);

/** Judges one setting of each Redis. A setting that the server does not have is no finding. */
export const onEachSetting = (name: string, judge: (value: string, node: NodeFacts, facts: DoctorFacts) => Found[]) =>
  onEachNode(
    ({ settings }) => settings,
    (settings, node, facts) => {
      const value = settings[name];
      return value === undefined ? [] : judge(value, node, facts);
    },
  );

export const redisConf = (node: Pick<NodeFacts, "name">, line: string) => ({
  where: `redis.conf on ${node.name}`,
  line,
});

export const ifKnown = <T>(fact: Fact<T>): T | undefined => ("unknown" in fact ? undefined : fact.value);

const bytesPerMiB = 1024 ** 2;

/** For people and for redis.conf: whole megabytes, rounded up. */
export const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / bytesPerMiB)}mb`;
