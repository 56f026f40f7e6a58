import type { Timing } from "../../model/doctor.ts";
import type { Prediction } from "../../model/doctor-report.ts";
import type { Check, Found } from "./check.ts";
import { known } from "./check.ts";

// What a hook and the agent take at most, from the failure that they were told to the promotion (measured, bench/RESULTS.md).
const hook_s = 0.35;
const agent_s = 0.05;
// An advert is sent three times before its absence counts (RFC 5798: Master_Down_Interval).
const adverts = 3;
const priorities = 256;

/** The longest times that follow from the settings; without a profile, as with hooks. A busy host takes longer. */
export function predict(timing: Timing, profile: "hooks" | "agent" | undefined): Prediction {
  const { monitor, agent, advert_interval, version, lowest_priority } = timing;
  const skew_s = ((priorities - lowest_priority) / priorities) * (version === 2 ? 1 : advert_interval);
  const found = profile === "agent" ? agent_s : monitor.interval * monitor.fall + hook_s;
  const hang = profile === "agent" ? agent.interval + agent.timeout + agent_s : hangFound_s(monitor) + hook_s;
  const silence = adverts * advert_interval + (profile === "agent" ? agent_s : hook_s);
  return {
    redis_killed_s: hundredth(found + skew_s),
    redis_hangs_s: hundredth(hang + skew_s),
    host_cut_off_s: hundredth(silence + skew_s),
    planned_move_s: hundredth((profile === "agent" ? agent_s : hook_s) + skew_s),
  };
}

/**
 * The monitor asks a second time before it fails. Where that takes longer than the interval, Keepalived leaves checks out meanwhile (see
 * check-times.ts): the next one of those that must fail begins at the next whole interval.
 */
function hangFound_s({ interval, timeout, fall }: Timing["monitor"]): number {
  const check_s = 2 * timeout;
  const every_s = interval * Math.max(1, Math.ceil(check_s / interval));
  return interval + (fall - 1) * every_s + check_s;
}

/** Rounded up. */
const hundredth = (seconds: number): number => Math.ceil(Number((seconds * 100).toFixed(3))) / 100;

const slow_s = 5;

const causes: readonly { of: keyof Prediction; what: string; line(timing: Timing): string }[] = [
  { of: "redis_killed_s", what: "a Redis that dies", line: () => "monitor.interval = 1 and monitor.fall = 1" },
  { of: "redis_hangs_s", what: "a Redis that hangs", line: () => "monitor.timeout = 0.3" },
  {
    of: "host_cut_off_s",
    what: "a host that is cut off",
    line: ({ version }) =>
      version === 2 ? "no vip.auth_password, so that VRRPv3 is used" : "vip.advert_interval = 0.2",
  },
];

export const predictionCheck: Check = {
  name: "prediction",
  looksAt: "the settings let a failover end within 5 seconds",
  page: "docs/doctor.md",
  find: ({ here, timing, host }) =>
    known(host.keepalivedConf, here, ({ profile }): Found[] => {
      const predicted = predict(timing, profile);
      return causes
        .filter(({ of }) => predicted[of] > slow_s)
        .map(({ of, what, line }) => ({
          severity: "advice",
          on: here,
          what: `${what} is replaced after ${predicted[of]} s`,
          why: "For that long clients get no answer, by the numbers of the cluster file.",
          change: { where: "the cluster file, on all nodes", line: line(timing) },
        }));
    }),
};
