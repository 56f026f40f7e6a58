import { checkTimes } from "../decide/check-times.ts";
import { priorityOf } from "./local-node.ts";
import type { Cluster } from "./schema.ts";

interface RuleViolation {
  message: string;
  remedy: string;
}

/** Rules between keys. Keepalived and Redis would accept each violation, and then do something else than was meant. */
export function checkRules(cluster: Cluster): RuleViolation | undefined {
  return duplicates(cluster) ?? addresses(cluster) ?? vrrp(cluster) ?? monitor(cluster) ?? agent(cluster);
}

function duplicates(cluster: Cluster): RuleViolation | undefined {
  const { nodes } = cluster;
  const name = firstDuplicate(nodes.map(({ name }) => name));
  if (name) return violation(`nodes: the name "${name}" is there twice`, "give each node a different name");
  const address = firstDuplicate(nodes.map(({ address }) => address));
  if (address)
    return violation(`nodes: the address "${address}" is there twice`, "give each node the address of its own host");
  return priorities(cluster);
}

// A claim is up to 100 (src/decide/claim.ts), and must outweigh the difference of the priorities after a split. A difference
// of 15 is already outweighed only by thirty times as many writes.
const maxDifference = 15;

function priorities(cluster: Cluster): RuleViolation | undefined {
  const numbers = cluster.nodes.map((node) => priorityOf(cluster, node));
  const listed = cluster.nodes.map(({ name }, index) => `${name} ${numbers[index]}`).join(", ");
  const twice = firstDuplicate(numbers.map(String));
  if (twice)
    return violation(
      `nodes: the priority ${twice} is there twice (${listed})`,
      "give each node a different priority, or remove all of them",
    );
  if (Math.max(...numbers) - Math.min(...numbers) <= maxDifference) return undefined;
  return violation(
    `nodes: the priorities are more than ${maxDifference} apart (${listed}), and would outweigh the writes after a split`,
    "choose priorities that are closer, or remove all of them: the order of the nodes has the same effect",
  );
}

function addresses({ vip, nodes }: Cluster): RuleViolation | undefined {
  const [address = ""] = vip.address.split("/");
  const itsNode = nodes.find((node) => node.address === address);
  if (itsNode)
    return violation(
      `vip.address = "${vip.address}" is the address of the node ${itsNode.name}`,
      "the virtual IP must not be the address of a host",
    );
  const other = nodes.find((node) => family(node.address) !== family(address));
  if (!other) return undefined;
  // Executed on 2.2.7: Keepalived logs "address family must match VRRP instance - ignoring", and starts without the VIP.
  return violation(
    `vip.address = "${vip.address}" is ${family(address)}, and the node ${other.name} has the ${family(other.address)} address ${other.address}`,
    "VRRP uses one family for the virtual IP and the nodes: give all nodes addresses of that family",
  );
}

function vrrp({ vip }: Cluster): RuleViolation | undefined {
  const { advert_interval: advert, auth_password: password, address } = vip;
  if (password === undefined) {
    if (isWhole(advert * 100)) return undefined;
    return violation(
      `vip.advert_interval = ${advert}: VRRPv3 counts hundredths of a second, and Keepalived would round the value`,
      "round it to 0.01",
    );
  }
  if (password.length > 8)
    return violation(
      "vip.auth_password is longer than 8 characters, and Keepalived would truncate it",
      "shorten it, or remove the key: then VRRPv3 is used, and the virtual IP moves faster",
    );
  if (family(address) === "IPv6")
    return violation(
      "vip.auth_password with an IPv6 virtual IP: only VRRPv2 has passwords, and it is for IPv4 only",
      "remove vip.auth_password",
    );
  if (isWhole(advert) && advert >= 1) return undefined;
  return violation(
    `vip.advert_interval = ${advert}: with vip.auth_password it is VRRPv2, which counts whole seconds`,
    "leave vip.auth_password out, or set a whole number of seconds",
  );
}

// What a run of the monitor takes besides its requests: 20 to 60 ms to start, and 30 ms between the first two requests.
const overhead_s = 0.1;

// Of 1,068 answers of healthy pairs on two cores with a load of 6 to 19, one in a hundred took longer than 0.11 s, two longer than 0.2 s
// and one 0.31 s. The monitor asks twice before it says no.
const shortest_s = 0.2;

// At worst the monitor asks the local Redis twice and then the peers, each within the timeout. It must end by itself before
// Keepalived ends it, which counts as a failed check unless the last one is known to have passed.
function monitor({ monitor: { interval, timeout } }: Cluster): RuleViolation | undefined {
  if (!isWhole(interval * 1000))
    return violation(
      `monitor.interval = ${interval}: Keepalived counts thousandths of a second, and would round the value`,
      "round it to 0.001",
    );
  if (timeout < shortest_s)
    return violation(
      `monitor.timeout = ${timeout} is too short for a busy host, where one answer of a healthy Redis in a hundred takes longer than 0.1 s`,
      `set ${shortest_s} at least, or leave it out: a Redis that dies is found without it, by the refused connection`,
    );
  const checked_s = Math.min(checkTimes(interval, "hooks").timeout, checkTimes(interval, "agent").timeout);
  const longest = Math.floor(((checked_s - overhead_s) / 3) * 1000) / 1000;
  if (timeout <= longest) return undefined;
  return violation(
    `monitor.timeout = ${timeout} is too long for monitor.interval = ${interval}`,
    `Keepalived ends a check after ${checked_s} s, and the monitor may wait for three answers: set ${longest} at most`,
  );
}

const violation = (message: string, remedy: string): RuleViolation => ({ message, remedy });

const family = (address: string): string => (address.includes(":") ? "IPv6" : "IPv4");

// 0.29 * 100 is 28.999999999999996.
const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-6;

const firstDuplicate = (values: string[]): string | undefined =>
  values.find((value, index) => values.indexOf(value) !== index);

function agent({ agent: { interval, timeout } }: Cluster): RuleViolation | undefined {
  if (interval <= timeout) return undefined;
  return violation(
    `agent.interval = ${interval} is more than agent.timeout = ${timeout}`,
    "make agent.interval the smaller one: the agent must ask Redis at least once in each time-out",
  );
}
