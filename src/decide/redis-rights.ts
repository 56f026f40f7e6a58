/** What a user of our own (`redis.username`) may do, by what needs it. */
export interface Rights {
  /** Commands as an operator writes them, such as `CLIENT PAUSE`. */
  commands: readonly string[];
  /** Categories of commands, such as `@write`. */
  categories: readonly string[];
  /** Which keys it reads or writes, if any. */
  keys: "" | "~*" | "~keepalived-redis:*";
}

/**
 * Every command that is sent to the Redis of a node. AUTH is not among them: Redis lets every user log in. A unit test compares the
 * list with the code, and a scenario of the lab has nothing but it.
 */
export const redisRights = {
  /** Hooks, monitor, agent, switchover, recover-master and status. REPLCONF and SYNC: replicas, and dumps by redis-cli. */
  failover: {
    commands: [
      "PING",
      "INFO",
      "PUBSUB NUMSUB",
      "SUBSCRIBE",
      "PUBLISH",
      "REPLICAOF",
      "CLIENT PAUSE",
      "CLIENT UNPAUSE",
      "CLIENT KILL",
      "CLIENT LIST",
      "CONFIG GET",
      "CONFIG SET",
      "PSYNC",
      "SYNC",
      "REPLCONF",
      "BGSAVE",
    ],
    categories: [],
    keys: "",
  },
  doctor: { commands: ["TIME", "ACL LIST", "ACL WHOAMI", "ACL DRYRUN"], categories: [], keys: "" },
  /** The key of its probe client. */
  drill: { commands: ["SET", "DEL"], categories: [], keys: "~keepalived-redis:*" },
  /** The writes that are applied may be any, and keys are compared with those of a dump. */
  diverged: {
    commands: ["COMMAND", "SELECT", "WATCH", "MULTI", "EXEC", "PUBLISH"],
    categories: ["@read", "@write"],
    keys: "~*",
  },
} as const satisfies Record<string, Rights>;

/** A command as in ACL SETUSER: `client|pause`. */
export const aclName = (command: string): string => command.toLowerCase().replace(" ", "|");

/** The rules of ACL SETUSER that give the rights. */
export const aclRules = ({ commands, categories, keys }: Rights): string[] => [
  ...(keys === "" ? [] : [keys]),
  ...categories.map((category) => `+${category}`),
  ...commands.map((command) => `+${aclName(command)}`),
];

/** What Sentinel needs beyond `failover`, and the channel on which Sentinels find each other. */
export const sentinelRights = [
  "&__sentinel__:hello",
  ...aclRules({
    commands: ["SLAVEOF", "ROLE", "MULTI", "EXEC", "CONFIG REWRITE", "CLIENT SETNAME", "SCRIPT KILL"],
    categories: [],
    keys: "",
  }),
];
