import { aclName } from "../redis-rights.ts";
import type { Check, Found } from "./check.ts";
import { known, onEachNode, onEachSetting, redisConf } from "./check.ts";

const everyAddress = ["*", "0.0.0.0", "::", "::*"];
const secret = "THE-PASSWORD";
/** The error with which a Redis in protected mode ends a connection. */
const inProtectedMode = "DENIED";
const accepted = (error: string | undefined): boolean => error === undefined || error === inProtectedMode;

/** Whether the nodes and the clients are let in. */
export const accessChecks: readonly Check[] = [
  {
    name: "password",
    looksAt: "every Redis accepts the password of `redis.password_file`",
    page: "docs/redis.md",
    find: onEachNode(
      ({ login }) => login,
      ({ error }, node, { passwordFile }) =>
        accepted(error)
          ? []
          : [
              {
                severity: "danger",
                on: node.name,
                what: `the Redis of ${node.name} rejects our login (${error})`,
                why: "Hooks, monitor and agent can't read it or change its role: there is no failover.",
                change: redisConf(node, `requirepass ${secret}   # that of ${passwordFile ?? "redis.password_file"}`),
              },
            ],
    ),
  },
  {
    name: "masterauth",
    looksAt: "each Redis has a `masterauth` that the others accept",
    page: "docs/redis.md",
    find: ({ nodes }) =>
      nodes.flatMap((node) =>
        node.follows.flatMap(({ to, login }) =>
          known(login, node.name, ({ error }): Found[] =>
            accepted(error)
              ? []
              : [
                  {
                    severity: "danger",
                    on: node.name,
                    what: `${to} rejects the masterauth of ${node.name} (${error})`,
                    why: `${node.name} can't copy from ${to}: when ${to} is master, there is no replica and no failover.`,
                    change: redisConf(node, `masterauth ${secret}   # that of ${to}`),
                  },
                ],
          ),
        ),
      ),
  },
  {
    name: "bind",
    looksAt: "every Redis listens on all addresses",
    page: "docs/redis.md",
    find: onEachSetting("bind", (value, node, { vip }) => {
      const addresses = value.split(" ").map((one) => one.replace(/^-/, ""));
      if (value === "" || addresses.some((one) => everyAddress.includes(one))) return [];
      return [
        {
          severity: "danger",
          on: node.name,
          what: `the Redis of ${node.name} listens on ${value} only`,
          why: `Clients can't reach it at ${vip}, which comes when Redis already runs.`,
          change: redisConf(node, "bind * -::*"),
        },
      ];
    }),
  },
  {
    name: "protected-mode",
    looksAt: "every Redis admits other hosts",
    page: "docs/redis.md",
    find: onEachNode(
      ({ login }) => login,
      ({ error }, node) =>
        error !== inProtectedMode
          ? []
          : [
              {
                severity: "danger",
                on: node.name,
                what: `the Redis of ${node.name} has no password and is in protected mode`,
                why: "It refuses every connection from another host, those of clients and replicas included.",
                change: redisConf(node, `requirepass ${secret}`),
              },
            ],
    ),
  },
  {
    name: "commands",
    looksAt: "no command that is needed is denied or renamed",
    page: "docs/redis.md",
    find: onEachNode(
      ({ commands }) => commands,
      (commands, node, { user }) =>
        commands.flatMap(({ command, problem }): Found[] => {
          if (problem === undefined) return [];
          if (problem === "not-known")
            return [
              {
                on: node.name,
                not_known: `whether ${command} is allowed: ACL DRYRUN is denied or missing`,
                harmless: true,
              },
            ];
          const denied = problem === "denied";
          return [
            {
              severity: "danger",
              on: node.name,
              what: `the Redis of ${node.name} ${denied ? `denies ${command} to our user` : `has no command ${command}`}`,
              why: "A failover, a health check or a dump needs it, and fails without it.",
              change: denied
                ? { where: `redis-cli on ${node.name}`, line: `ACL SETUSER ${user} +${aclName(command)}` }
                : redisConf(node, `# remove: rename-command ${command.split(" ")[0]} ...`),
            },
          ];
        }),
    ),
  },
  {
    name: "acl-users",
    looksAt: "the users of ACL LIST are the same on all nodes",
    page: "docs/redis.md",
    find: ({ nodes: [first, ...others] }) =>
      first === undefined
        ? []
        : others.flatMap((other) =>
            known(first.users, first.name, (ours) =>
              known(other.users, other.name, (theirs) => differentUsers(first.name, ours, other.name, theirs)),
            ),
          ),
  },
];

type Users = { name: string; hash: string }[];

function differentUsers(first: string, ours: Users, other: string, theirs: Users): Found[] {
  const names = [...new Set([...ours, ...theirs].map(({ name }) => name))].sort();
  const hashIn = (users: Users, name: string) => users.find((one) => one.name === name)?.hash;
  return names
    .filter((name) => hashIn(ours, name) !== hashIn(theirs, name))
    .map((name): Found => {
      const missingOn = [
        ...(hashIn(ours, name) === undefined ? [first] : []),
        ...(hashIn(theirs, name) === undefined ? [other] : []),
      ][0];
      const on = missingOn ?? other;
      return {
        severity: "danger",
        on,
        what: missingOn
          ? `the Redis of ${missingOn} has no user ${name}`
          : `the user ${name} differs between ${first} and ${other}`,
        why: "Users are not replicated: after a failover the application can't log in, or lacks rights.",
        change: {
          where: `redis-cli on ${on}`,
          line: `ACL SETUSER ${name} ...   # as ACL LIST of ${on === first ? other : first} has it`,
        },
      };
    });
}
