import type { HostReport } from "../../model/host-report.ts";
import type { Datum, GatheredNode, NodeStatus, RedisAnswer, Via } from "../../model/status.ts";

export const known = <T>(value: T, via: Via, age_s = 0, stale?: string): Datum<T> =>
  stale === undefined ? { value, via, age_s } : { value, via, age_s, stale };

export const unknown = (why: string): { value: null; unknown: string } => ({ value: null, unknown: why });

type HostData = Pick<
  NodeStatus,
  | "holder"
  | "keepalived"
  | "keepalived_hangs"
  | "keepalived_problem"
  | "vrrp"
  | "priority"
  | "agent"
  | "verdict"
  | "maintenance"
  | "drain"
  | "last_transition"
  | "quarantine"
>;

/** What only the host of a node knows. If neither its agent nor its health check tells it, some of it shows over Redis. */
export function hostData({ redis, host }: GatheredNode, vipRunId: string | undefined): HostData {
  if (host.report) return { ...reported(host.report, host.via), ...drainOf(host.report, redis, host.via) };
  const not = unknown(host.why);
  // The announcement ends with its connection, so that of an agent that hangs says nothing.
  const ready = redis.ready && host.agent !== "hung";
  return {
    holder: holderOverRedis(redis, ready, vipRunId) ?? not,
    keepalived: ready ? known(true, "redis") : not,
    keepalived_hangs: not,
    keepalived_problem: not,
    vrrp: not,
    priority: not,
    agent: ready ? known("alive", "redis") : (agentOverHttp(host.agent) ?? not),
    verdict: ready ? known({ fit: true, cause: "ready", detail: "", for_s: 0 }, "redis") : not,
    maintenance: not,
    drain: redis.drainRequested ? known(true, "redis") : not,
    last_transition: not,
    quarantine: not,
  };
}

function reported(report: HostReport, via: "host" | "agent" | "check"): Omit<HostData, "drain"> {
  const { keepalived, keepalived_hangs: hangs, vrrp, agent, verdict, last_transition } = report;
  const checked = (keepalived && !hangs) || agent.is === "alive";
  return {
    holder: known(report.holder, via),
    keepalived: known(keepalived, via),
    keepalived_hangs: hangs === undefined ? unknown("its host has another version") : known(hangs, via),
    keepalived_problem: known(report.keepalived_problem ?? null, via),
    vrrp: known(vrrp ?? { state: null, for_s: null }, via, vrrp?.for_s, staleVrrp(report)),
    priority: known(report.priority, via),
    agent: known(agent.is, via, agent.silent_s ?? 0, agent.is === "died" ? "its heartbeat was left behind" : undefined),
    verdict: verdict
      ? known(verdict, via, verdict.for_s, checked ? undefined : "nothing checks this node now")
      : unknown("no health check has run since the boot"),
    maintenance: known(report.maintenance, via),
    last_transition: last_transition ? known(last_transition, via, last_transition.ago_s) : unknown("the log has none"),
    quarantine: known(report.kept, via),
  };
}

// A hook starts within this time after the virtual IP has moved.
const hookStart_s = 3;

/** What Keepalived said last counts only while it runs, and if the virtual IP is where it should be then. */
function staleVrrp({ keepalived, keepalived_hangs, vrrp, holder }: HostReport): string | undefined {
  if (!keepalived) return "Keepalived does not run";
  if (keepalived_hangs) return "Keepalived hangs";
  if (!vrrp || vrrp.for_s < hookStart_s || (vrrp.state === "MASTER") === holder) return undefined;
  return holder ? "the virtual IP is here" : "the virtual IP is not here";
}

function drainOf(report: HostReport, redis: RedisAnswer, via: Via): Pick<HostData, "drain"> {
  if (redis.drainRequested) return { drain: known(true, "redis") };
  const stale = report.drain === "left" ? "the process that asked for it is gone" : undefined;
  return { drain: known(report.drain !== "no", via, 0, stale) };
}

/** Whoever answers at the virtual IP is the holder. That another one answers there says nothing: there may be two. */
function holderOverRedis({ seen }: RedisAnswer, ready: boolean, vipRunId: string | undefined) {
  if (seen.kind === "observed" && seen.runId === vipRunId) return known(true, "vip");
  // It announces that it would take the virtual IP, so it does not have it.
  return ready ? known(false, "redis") : undefined;
}

/** Its port refuses connections, or it hangs. */
const agentOverHttp = (agent: "refused" | "hung" | undefined): HostData["agent"] | undefined =>
  agent === undefined ? undefined : known(agent, "agent");
