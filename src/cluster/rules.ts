import { priorityOf } from "./local-node.ts";
import type { Cluster } from "./schema.ts";

interface RuleViolation {
  message: string;
  remedy: string;
}

/** Rules between keys, each about something that Keepalived or Redis would get silently wrong. */
export function checkRules(cluster: Cluster): RuleViolation | undefined {
  return sameTwice(cluster) ?? addresses(cluster) ?? vrrp(cluster) ?? monitor(cluster) ?? agent(cluster);
}

function sameTwice(cluster: Cluster): RuleViolation | undefined {
  const { nodes } = cluster;
  const name = firstTwice(nodes.map(({ name }) => name));
  if (name) return wrong(`nodes: the name "${name}" is there twice`, "give every node a name of its own");
  const address = firstTwice(nodes.map(({ address }) => address));
  if (address)
    return wrong(`nodes: the address "${address}" is there twice`, "every node is a host with an address of its own");
  return priorities(cluster);
}

// A claim is up to 100 (src/decide/claim.ts). With more than this between two nodes it could no longer say which of two
// masters took more writes; 15 is already thirty times as many.
const mostApart = 15;

function priorities(cluster: Cluster): RuleViolation | undefined {
  const numbers = cluster.nodes.map((node) => priorityOf(cluster, node));
  const listed = cluster.nodes.map(({ name }, index) => `${name} ${numbers[index]}`).join(", ");
  const twice = firstTwice(numbers.map(String));
  if (twice)
    return wrong(`nodes: the priority ${twice} is there twice (${listed})`, "give each node its own, or none to any");
  if (Math.max(...numbers) - Math.min(...numbers) <= mostApart) return undefined;
  return wrong(
    `nodes: the priorities are more than ${mostApart} apart (${listed}), and would count more than the writes after a split`,
    "give them near each other, or none to any: the order of the nodes says the same",
  );
}

function addresses({ vip, nodes }: Cluster): RuleViolation | undefined {
  const [address = ""] = vip.address.split("/");
  const itsNode = nodes.find((node) => node.address === address);
  if (itsNode)
    return wrong(
      `vip.address = "${vip.address}" is the address of the node ${itsNode.name}`,
      "the virtual IP must be an address that no host has of its own",
    );
  const other = nodes.find((node) => family(node.address) !== family(address));
  if (!other) return undefined;
  // Executed on 2.2.7: "address family must match VRRP instance - ignoring", and then there is no VIP.
  return wrong(
    `vip.address = "${vip.address}" is ${family(address)}, and the node ${other.name} has the ${family(other.address)} address ${other.address}`,
    "VRRP has one family for both: give all nodes addresses of the virtual IP's family",
  );
}

function vrrp({ vip }: Cluster): RuleViolation | undefined {
  const { advert_interval: advert, auth_password: password, address } = vip;
  if (password === undefined) {
    if (isWhole(advert * 100)) return undefined;
    return wrong(
      `vip.advert_interval = ${advert}: VRRPv3 counts hundredths of a second, and Keepalived would round it`,
      "round it to 0.01",
    );
  }
  if (password.length > 8)
    return wrong(
      "vip.auth_password is longer than 8 characters, and Keepalived would cut it off there",
      "shorten it, or leave it out: VRRPv3 has none, and without it the virtual IP moves faster",
    );
  if (family(address) === "IPv6")
    return wrong(
      "vip.auth_password with an IPv6 virtual IP: passwords are VRRPv2's, which is IPv4 only",
      "leave vip.auth_password out",
    );
  if (isWhole(advert) && advert >= 1) return undefined;
  return wrong(
    `vip.advert_interval = ${advert}: with vip.auth_password it is VRRPv2, which counts whole seconds`,
    "leave vip.auth_password out, or give a whole number of seconds",
  );
}

// What the monitor needs besides its questions: 30 ms between the first two, and 20 to 60 ms to start.
const around_s = 0.1;

// At worst it asks its own Redis twice and then the peers, each within the timeout; it must have ended by itself before
// Keepalived ends it (a failed check) or starts it again.
function monitor({ monitor: { interval, timeout } }: Cluster): RuleViolation | undefined {
  const most = Math.floor(((interval - around_s) / 3) * 1000) / 1000;
  if (timeout <= most) return undefined;
  return wrong(
    `monitor.timeout = ${timeout} is too long for monitor.interval = ${interval}`,
    `the monitor may have to ask three times before it is started again: ${most} at most`,
  );
}

const wrong = (message: string, remedy: string): RuleViolation => ({ message, remedy });

const family = (address: string): string => (address.includes(":") ? "IPv6" : "IPv4");

// 0.29 * 100 is 28.999999999999996.
const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-6;

const firstTwice = (values: string[]): string | undefined =>
  values.find((value, index) => values.indexOf(value) !== index);

function agent({ agent: { interval, timeout } }: Cluster): RuleViolation | undefined {
  if (interval <= timeout) return undefined;
  return wrong(
    `agent.interval = ${interval} is more than agent.timeout = ${timeout}: it would ask more rarely than it wants answers`,
    "make agent.interval the smaller one",
  );
}
