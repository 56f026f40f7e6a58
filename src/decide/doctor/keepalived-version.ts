import { checkTimes, fractionsSince, takesInterval } from "../check-times.ts";
import { older, oldestKeepalived } from "../versions.ts";
import type { Check, Found } from "./check.ts";
import { ifKnown, known } from "./check.ts";

/** keepalived#2563. */
const oneAtATimeSince = "2.3.3";

export const keepalivedVersionCheck: Check = {
  name: "keepalived-version",
  looksAt: `Keepalived of this host is ${oldestKeepalived} or newer, and takes the interval of its check: ${fractionsSince} or newer for a fraction of a second`,
  page: "docs/generate-config.md",
  find: ({ here, host, timing }) =>
    known(host.keepalivedVersion, here, (version) => {
      const profile = ifKnown(host.keepalivedConf)?.profile ?? "hooks";
      return [
        ...ofItself(version, here),
        ...withInterval(version, checkTimes(timing.monitor.interval, profile).interval, here),
      ];
    }),
};

const ofItself = (version: string, here: string): Found[] =>
  older(version, oldestKeepalived)
    ? [
        {
          severity: "danger",
          on: here,
          what: `this is Keepalived ${version}`,
          why: "Before 2.2 it has no reload_check_config: a reload with an error ends it, and the virtual IP stays on the host.",
          change: { where: `shell on ${here}`, line: "apt install --only-upgrade keepalived" },
        },
      ]
    : [];

function withInterval(version: string, interval: number, here: string): Found[] {
  if (Number.isInteger(interval) || !older(version, oneAtATimeSince)) return [];
  const takes = takesInterval(version, interval);
  return [
    {
      severity: takes ? "advice" : "danger",
      on: here,
      what: `this is Keepalived ${version}, and its check has an interval of ${interval} s`,
      why: takes
        ? `Before ${oneAtATimeSince} it starts a check while the last one still runs: on a busy host several at a time make it busier.`
        : `Before ${fractionsSince} a fraction of a second is an error: it checks once a second, and refuses to reload the file.`,
      change: { where: "the cluster file, on all nodes", line: "monitor.interval = 1" },
    },
  ];
}
