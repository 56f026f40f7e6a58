import type { Check, Found } from "./check.ts";
import { ifKnown, known, onEachNode } from "./check.ts";

const page = "docs/generate-config.md";

/** Keepalived, the agent, and the files of the hosts. */
export const hostChecks: readonly Check[] = [
  {
    name: "keepalived-runs",
    looksAt: "Keepalived runs on every node",
    page: "docs/status.md",
    find: onEachNode(
      ({ keepalived }) => keepalived,
      (runs, node) =>
        runs
          ? []
          : [
              {
                severity: "danger",
                on: node.name,
                what: `Keepalived does not run on ${node.name}`,
                why: "This node can't take the virtual IP, and if it has it, nothing takes it away.",
                change: { where: `shell on ${node.name}`, line: "systemctl enable --now keepalived" },
              },
            ],
    ),
  },
  {
    name: "agent-runs",
    looksAt: "the agent runs where keepalived.conf is of the profile agent",
    page: "docs/agent.md",
    find: ({ here, nodes, host }) =>
      known(host.keepalivedConf, here, ({ profile }) =>
        profile !== "agent"
          ? []
          : nodes.flatMap(({ name, agent }) =>
              known(agent, name, (is): Found[] =>
                is === "alive"
                  ? []
                  : [
                      {
                        severity: "danger",
                        on: name,
                        what: `the agent on ${name} ${is === "hung" ? "hangs" : "does not run"}`,
                        why: "Hooks and monitor do its work, in seconds instead of milliseconds.",
                        change: { where: `shell on ${name}`, line: "systemctl restart keepalived-redis-agent" },
                      },
                    ],
              ),
            ),
      ),
  },
  {
    name: "cluster-file",
    looksAt: "the cluster file says the same on all nodes",
    page: "docs/cluster-file.md",
    find: ({ nodes, here }) => {
      const ours = ifKnown(nodes.find((node) => node.here)?.clusterFile ?? { unknown: "" });
      return nodes.flatMap(({ name, clusterFile }) =>
        known(clusterFile, name, (hash) =>
          hash === ours
            ? []
            : [
                {
                  severity: "danger",
                  on: name,
                  what: `the cluster file on ${name} says something else than that on ${here}`,
                  why: "The nodes decide by different rules, and can come to different answers.",
                  change: {
                    where: `shell on ${here}`,
                    line: `scp /etc/keepalived-redis/cluster.toml ${name}:/etc/keepalived-redis/`,
                  },
                },
              ],
        ),
      );
    },
  },
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
  {
    name: "state-folder",
    looksAt: "the folder of the track files, the FIFO, and the line in tmpfiles.d that makes them at boot",
    page,
    find: ({ here, host: { state }, cluster }) => {
      const conf = `/etc/tmpfiles.d/keepalived-redis-${cluster}.conf`;
      const make = { where: `shell on ${here}`, line: `systemd-tmpfiles --create ${conf}` };
      const problem = (what: string, why: string, change = make): Found[] => [
        { severity: "danger", on: here, what, why, change },
      ];
      const untracked = "Keepalived ignores a track file whose folder is missing at its start, and does so for ever.";
      return [
        ...(state.exists ? [] : problem(`there is no ${state.folder}`, untracked)),
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
        ...(state.tmpfiles
          ? []
          : problem(`no file of tmpfiles.d makes ${state.folder}`, `It is gone after a reboot. ${untracked}`, {
              where: `shell on ${here}`,
              line: `generate-config --tmpfiles --output ${conf}`,
            })),
      ];
    },
  },
];

/** The problem begins with the path that it is about. */
function fixOf(problem: string): string {
  const [path = ""] = problem.split(" ");
  if (problem.includes("belong to root")) return `chown root:root ${path}`;
  if (problem.includes("writable")) return `chmod go-w ${path}`;
  if (problem.includes("not executable")) return `chmod 755 ${path}`;
  return `ls -ld ${path}`;
}
