import type { Finding, NodeStatus, RedisStatus } from "../../model/status.ts";
import { at, type FindingRow, justNow, lookAt, names, ours, redisCli, type StatusFacts, watch } from "./facts.ts";

/** Who is master, who has the virtual IP, and do both fit together? */
export const roleRows: readonly FindingRow[] = [
  {
    when: "a Redis rejects our login, our commands or our connection: critical (`rejected`)",
    find: (facts) =>
      facts.nodes.flatMap((node) =>
        node.redis.value?.state === "rejected" ? [rejected(facts, node, node.redis.value)] : [],
      ),
  },
  {
    when: "two nodes are master: critical (`two-masters`)",
    find: (facts) => (facts.masters.length > 1 ? [twoMasters(facts)] : []),
  },
  {
    when: "two nodes have the virtual IP: critical (`two-holders`)",
    find: (facts) => (facts.holders.length > 1 && facts.masters.length < 2 ? [twoHolders(facts)] : []),
  },
  {
    when: "no node is seen as master, and none is hidden by a wrong password: critical (`no-master`); the holder may be in maintenance",
    find: (facts) => (facts.masters.length === 0 && !anyRejected(facts) ? [noMaster(facts)] : []),
  },
  {
    when: "the master does not have the virtual IP: critical (`master-without-vip`)",
    find: (facts) => {
      const [only, second] = facts.masters;
      return only && !second && only.holder.value === false ? [withoutVip(facts, only)] : [];
    },
  },
];

const anyRejected = ({ nodes }: StatusFacts): boolean => nodes.some(({ redis }) => redis.value?.state === "rejected");

const asks: Readonly<Record<string, string>> = {
  permission: "ACL WHOAMI",
  full: "INFO clients",
  busy: "SCRIPT KILL",
};

function rejected(facts: StatusFacts, node: NodeStatus, { why, detail }: RedisStatus): Finding {
  return {
    ...{ severity: "critical", cause: "rejected" },
    text: `the Redis of ${node.name} lives, but rejects us: ${detail}`,
    command: redisCli(facts, node, asks[why] ?? "PING"),
  };
}

function twoMasters(facts: StatusFacts): Finding {
  const { masters, holders, settings } = facts;
  const both = `${names(masters)} are both master`;
  if (holders.length > 1)
    return { ...twoHolders(facts), cause: "two-masters", text: `${both}, and have the virtual IP` };
  const idle = masters.find(({ holder }) => holder.value !== true) as NodeStatus;
  const dead = masters.find(({ keepalived }) => keepalived.value === false);
  const where = holders[0] ? `; the virtual IP is on ${holders[0].name}` : "";
  return {
    ...{ severity: "critical", cause: "two-masters", text: `${both}${where}` },
    ...(dead
      ? { command: settings.startKeepalived, ...at(dead) }
      : justNow(facts)
        ? { command: watch(facts) }
        : { command: ours(facts, "notify-backup --dry-run"), ...at(idle) }),
  };
}

/** Keepalived is dead where the virtual IP stayed, or the two do not hear each other. */
function twoHolders(facts: StatusFacts): Finding {
  const { holders, settings } = facts;
  const dead = holders.find(({ keepalived }) => keepalived.value === false);
  const text = `${names(holders)} both have the virtual IP`;
  if (dead)
    return {
      ...{ severity: "critical", cause: "two-holders", text: `${text}: Keepalived does not run on ${dead.name}` },
      ...{ command: settings.startKeepalived, ...at(dead) },
    };
  const unseen = holders.find(({ keepalived }) => keepalived.value === null);
  const or = unseen ? `, or Keepalived is dead on ${unseen.name}` : "";
  return {
    ...{ severity: "critical", cause: "two-holders", text: `${text}: they do not hear each other's VRRP adverts${or}` },
    command: justNow(facts) ? watch(facts) : `timeout 5 tcpdump -c 5 -ni ${settings.interface} vrrp`,
  };
}

function noMaster(facts: StatusFacts): Finding {
  const { nodes, holders, settings } = facts;
  const text = `no master is seen: ${nodes.map(briefly).join("; ")}`;
  const critical = { severity: "critical", cause: "no-master", text } as const;
  const suspended = holders.find(({ maintenance }) => maintenance.value?.on);
  if (suspended) {
    const why = `${suspended.name} has the virtual IP and is in maintenance: no node becomes master until that ends`;
    return { ...critical, text: `${text}; ${why}`, command: ours(facts, "maintenance off"), ...at(suspended) };
  }
  if (justNow(facts)) return { ...critical, command: watch(facts) };
  const hidden = holders.find(({ redis }) => redis.value === null);
  if (hidden) return { ...critical, command: lookAt(facts, hidden) };
  const candidate =
    holders.find(({ redis }) => redis.value?.state === "replica") ??
    nodes.find(({ here, redis }) => here && redis.value?.state === "replica");
  if (candidate) return { ...critical, command: ours(facts, "notify-master --dry-run"), ...at(candidate) };
  const down = nodes.find(({ redis }) => redis.value?.state === "refused");
  return down ? { ...critical, command: settings.startRedis, ...at(down) } : { ...critical, command: watch(facts) };
}

/** What a node's Redis is, in a few words. */
function briefly({ name, redis, link }: NodeStatus): string {
  if (redis.value === null) return `${name} was not seen`;
  const { state, loading_s } = redis.value;
  if (state === "refused") return `on ${name} nobody listens`;
  if (link.value === null || loading_s !== null) return `${name} loads its data, ${loading_s} s to go`;
  return `${name} is a replica, ${link.value.state === "parked" ? "parked" : `link ${link.value.state}`}`;
}

function withoutVip(facts: StatusFacts, master: NodeStatus): Finding {
  const { holders, settings } = facts;
  const [holder] = holders;
  const text = holder
    ? `${master.name} is master, but ${holder.name} has the virtual IP`
    : `${master.name} is master, but no node is seen to have the virtual IP`;
  const critical = { severity: "critical", cause: "master-without-vip", text } as const;
  if (master.keepalived.value === false) return { ...critical, command: settings.startKeepalived, ...at(master) };
  if (justNow(facts)) return { ...critical, command: watch(facts) };
  if (holder) return { ...critical, command: ours(facts, "notify-master --dry-run"), ...at(holder) };
  return { ...critical, command: ours(facts, "monitor --json"), ...at(master) };
}
