import { whyNotStarting } from "../start-problem.ts";
import type { Check, Found } from "./check.ts";
import { known, onEachNode } from "./check.ts";

/** It may run, so this alone is no danger. */
const agentRefuses = (name: string): Found => ({
  severity: "advice",
  on: name,
  what: `the port of the agent on ${name} refuses connections`,
  why: "If the agent does not run, hooks and monitor do its work. If a firewall refuses them, status does not see that host.",
  change: { where: `shell on ${name}`, line: "systemctl status keepalived-redis-agent" },
});

/** Whether Redis, Keepalived and the agent run, by the same cluster file. */
export const hostChecks: readonly Check[] = [
  {
    name: "redis-runs",
    looksAt: "the Redis of every node answers",
    page: "docs/status.md",
    find: ({ here, nodes }) =>
      nodes.flatMap(({ name, login }): Found[] =>
        "value" in login
          ? []
          : [
              {
                severity: "danger",
                on: name,
                what: `${login.unknown} (asked from ${here})`,
                why: `There is no failover to ${name}, and most of it could not be checked. If it runs: a firewall, or \`bind\`.`,
                change: { where: `shell on ${name}`, line: "recover-master" },
              },
            ],
      ),
  },
  {
    name: "keepalived-runs",
    looksAt: "Keepalived runs on every node",
    page: "docs/status.md",
    find: onEachNode(
      ({ keepalived }) => keepalived,
      (keepalived, { name, here }, { host, options }) => {
        if (keepalived === "runs") return [];
        const found = (what: string, line: string): Found[] => [
          {
            severity: "danger",
            on: name,
            what,
            why: "This node can't take the virtual IP, and if it has it, nothing takes it away.",
            change: { where: `shell on ${name}`, line },
          },
        ];
        if (keepalived === "hangs") return found(`Keepalived of ${name} hangs`, "systemctl restart keepalived");
        const start = "systemctl enable --now keepalived";
        const problem = here ? whyNotStarting(host.startProblem, { start, doctor: `doctor${options}` }) : undefined;
        const why = problem ? `: ${problem.why}` : "";
        return found(`Keepalived does not run on ${name}${why}`, problem?.command ?? start);
      },
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
                  : is === "refused"
                    ? [agentRefuses(name)]
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
    find: ({ nodes, here, file }) => {
      const differs = (name: string): Found => ({
        severity: "danger",
        on: name,
        what: `the cluster file on ${name} says something else than that on ${here}`,
        why: "The nodes decide by different rules, and can come to different answers.",
        change: { where: `shell on ${here}`, line: `scp ${file} ${name}:${file}` },
      });
      return nodes
        .filter((node) => node.here)
        .flatMap(({ clusterFile: ours }) =>
          known(ours, here, (hash) =>
            nodes.flatMap(({ name, clusterFile }) =>
              known(clusterFile, name, (theirs) => (theirs === hash ? [] : [differs(name)])),
            ),
          ),
        );
    },
  },
];
