import type { Check, Found } from "./check.ts";
import { known } from "./check.ts";
import { stateFolderCheck } from "./state-folder.ts";

const page = "docs/generate-config.md";

/** The files of this host. */
export const fileChecks: readonly Check[] = [
  {
    name: "keepalived-conf",
    looksAt: "keepalived.conf of this host is as `generate-config` gives it",
    page,
    find: ({ here, host, cluster }) =>
      known(host.keepalivedConf, here, ({ file, difference, command }): Found[] => {
        const change = { where: `shell on ${here}`, line: command };
        if (file === undefined)
          return [
            {
              severity: "danger",
              on: here,
              what: `no file of Keepalived was generated for ${cluster}`,
              why: "Keepalived then runs no check and no hook of ours: the virtual IP moves and the roles don't.",
              change,
            },
          ];
        if (difference === undefined) return [];
        const { line, is, wanted } = difference;
        return [
          {
            severity: "danger",
            on: here,
            what: `${file}, line ${line}: "${is}" instead of "${wanted}"`,
            why: "Keepalived and the cluster file must agree, on all nodes. Keepalived reads it at its next reload.",
            change,
          },
        ];
      }),
  },
  {
    name: "keepalived-read",
    looksAt: "Keepalived of this host has read keepalived.conf since it was written, and did not refuse it",
    page,
    find: ({ here, host }) =>
      known(host.configurationRead, here, (read): Found[] => {
        if (read === undefined) return [];
        const { file, written_later_s: later, refused } = read;
        const found = (severity: "danger" | "advice", what: string, why: string, line: string): Found[] => [
          { severity, on: here, what, why, change: { where: `shell on ${here}`, line } },
        ];
        if (later !== undefined)
          return found(
            "advice",
            `${file} was written ${later} s after Keepalived had read its configuration`,
            "It runs by what it read then. It reads the file at a reload, or when it is started, which may be at a bad time.",
            "systemctl reload keepalived",
          );
        if (refused !== undefined)
          return found(
            "danger",
            `Keepalived refused ${file} at its last reload`,
            "It runs by what it read before, and if it is started anew it ends at once: no failover.",
            `cat ${refused}`,
          );
        return [];
      }),
  },
  {
    name: "scripts",
    looksAt: "the executables that Keepalived starts: paths, owners, modes",
    page,
    find: ({ here, host }) =>
      known(host.scripts, here, (problems) =>
        problems.map((problem) => ({
          severity: "danger",
          on: here,
          what: `Keepalived must not run it as root: ${problem}`,
          why: "Whoever can change this file is root; and a check or hook that can't be started does nothing.",
          change: {
            where: `shell on ${here}`,
            line: fixOf(problem),
          },
        })),
      ),
  },
  stateFolderCheck,
  {
    name: "log-rotation",
    looksAt: "logrotate knows our log",
    page,
    find: ({ here, cluster, options, host: { logrotate } }) =>
      logrotate.rotated
        ? []
        : [
            {
              severity: "advice",
              on: here,
              what: `no file of /etc/logrotate.d names ${logrotate.log}`,
              why: "The log grows until the disk is full.",
              change: {
                where: `shell on ${here}`,
                line: `generate-config${options} --logrotate --output /etc/logrotate.d/keepalived-redis-${cluster}`,
              },
            },
          ],
  },
  {
    name: "unit",
    looksAt: "the drop-in of keepalived.service is in effect",
    page,
    find: ({ here, cluster, options, host }) =>
      known(host.unit, here, (unit): Found[] => {
        if (unit === undefined || (unit.handsOver && unit.killMode === "process")) return [];
        const dropIn = `/etc/systemd/system/keepalived.service.d/keepalived-redis-${cluster}.conf`;
        return [
          {
            severity: "danger",
            on: here,
            what: unit.handsOver
              ? `keepalived.service has KillMode=${unit.killMode}`
              : "keepalived.service does not hand the role over before it stops",
            why: unit.handsOver
              ? "When Keepalived stops, systemd kills the hooks that still work."
              : "To stop Keepalived on the master, also by an upgrade or a reboot, can cost writes.",
            change: {
              where: `shell on ${here}`,
              line: `generate-config${options} --systemd --output ${dropIn} && systemctl daemon-reload`,
            },
          },
        ];
      }),
  },
  {
    name: "password-file",
    looksAt: "only its owner can read `redis.password_file`",
    page: "docs/cluster-file.md",
    find: ({ here, passwordFile, host: { passwordReadable } }) =>
      !passwordReadable
        ? []
        : [
            {
              severity: "advice",
              on: here,
              what: `users other than its owner can read ${passwordFile}`,
              why: "Whoever has this password can read and delete everything.",
              change: { where: `shell on ${here}`, line: `chmod 600 ${passwordFile}` },
            },
          ],
  },
];

/** The problem begins with the path that it is about. */
function fixOf(problem: string): string {
  const path = problem.replace(/ .*/, "");
  if (problem.includes("belong to root")) return `chown root:root ${path}`;
  if (problem.includes("writable")) return `chmod go-w ${path}`;
  if (problem.includes("not executable")) return `chmod 755 ${path}`;
  return `ls -ld ${path}`;
}
