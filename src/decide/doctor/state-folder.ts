import type { Check, Found } from "./check.ts";
import { ifKnown } from "./check.ts";

/** The folder of the track files, which Keepalived must find at its start and watch ever after. */
export const stateFolderCheck: Check = {
  name: "state-folder",
  looksAt:
    "the folder of the track files, which Keepalived watches, the FIFO, and the line in tmpfiles.d that makes them at boot",
  page: "docs/generate-config.md",
  find: ({ here, host, cluster, options }) => {
    const { state } = host;
    const profile = ifKnown(host.keepalivedConf)?.profile ?? "hooks";
    const conf = `/etc/tmpfiles.d/keepalived-redis-${cluster}.conf`;
    const make = { where: `shell on ${here}`, line: `systemd-tmpfiles --create ${conf}` };
    const problem = (what: string, why: string, change = make): Found[] => [
      { severity: "danger", on: here, what, why, change },
    ];
    const untracked =
      "Keepalived does not start without it, and a folder that is made anew counts from its next reload on.";
    const { file } = ifKnown(host.keepalivedConf) ?? {};
    return [
      ...(state.tmpfiles
        ? []
        : problem(`no file of tmpfiles.d makes ${state.folder}`, `It is gone after a reboot. ${untracked}`, {
            where: `shell on ${here}`,
            line: `generate-config${options} --profile ${profile} --tmpfiles --output ${conf}`,
          })),
      ...(state.exists
        ? []
        : problem(`there is no ${state.folder}`, untracked, {
            where: `shell on ${here}`,
            line: `${make.line} && systemctl reload-or-restart keepalived`,
          })),
      ...(state.exists && state.fifo === "missing"
        ? problem(
            `there is no FIFO in ${state.folder}`,
            "The agent is not told of a transition, and hooks do its work.",
          )
        : []),
      ...(state.exists && state.fifo === "no-fifo"
        ? problem(
            `notify.fifo in ${state.folder} is no FIFO`,
            "Keepalived writes no transition into it, and the agent learns of none.",
            { where: `shell on ${here}`, line: `rm ${state.folder}/notify.fifo && ${make.line}` },
          )
        : []),
      // Without a file of ours it watches nothing of ours, which another check says.
      ...(state.watched === false && file !== undefined
        ? problem(
            `Keepalived does not watch ${state.folder}`,
            "The folder was made anew since Keepalived has read its configuration. No claim counts, and a drain only by the next check; with the profile agent this node stays in FAULT.",
            { where: `shell on ${here}`, line: `${make.line} && systemctl reload keepalived` },
          )
        : []),
    ];
  },
};
