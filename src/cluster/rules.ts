import type { Cluster } from "./schema.ts";

interface Wrong {
  message: string;
  wayOut: string;
}

/** Rules between keys, each about something that Keepalived or Redis would get silently wrong. */
export function betweenKeys({ vip, nodes, monitor }: Cluster): Wrong | undefined {
  const address = vip.address.split("/")[0] ?? "";
  const twice = firstTwice(nodes.map(({ name }) => name)) ?? firstTwice(nodes.map((node) => node.address));
  if (twice)
    return { message: `nodes: ${twice} is there twice`, wayOut: "every node needs a name and an address of its own" };
  const priorities = nodes.flatMap(({ priority }) => (priority === undefined ? [] : [String(priority)]));
  if (firstTwice(priorities)) {
    return {
      message: `nodes: the priority ${firstTwice(priorities)} is there twice`,
      wayOut: "give each node its own, or none to any",
    };
  }
  if (nodes.some((node) => node.address === address)) {
    return {
      message: `vip.address = "${vip.address}" is the address of a node`,
      wayOut: "the virtual IP must be an address that no host has",
    };
  }
  const families = new Set(nodes.map((node) => node.address.includes(":")));
  if (families.size > 1) {
    return {
      message: "nodes: IPv4 and IPv6 addresses are mixed",
      wayOut: "the nodes speak VRRP to each other over one family only",
    };
  }
  if (vip.auth_password !== undefined) {
    if (Buffer.byteLength(vip.auth_password) > 8) {
      return {
        message: "vip.auth_password is longer than 8 characters",
        wayOut: "Keepalived would cut it silently: shorten it",
      };
    }
    if (families.has(true)) {
      return {
        message: "vip.auth_password with IPv6 nodes",
        wayOut: "passwords exist in VRRPv2 only, which is IPv4 only: leave it out",
      };
    }
  }
  if (monitor.timeout * 2.5 > monitor.interval) {
    const most = Math.floor(monitor.interval * 400) / 1000;
    return {
      message: `monitor.timeout = ${monitor.timeout} is too long for monitor.interval = ${monitor.interval}`,
      wayOut: `the monitor asks twice before it says no, and must end before it is started again: ${most} at most`,
    };
  }
  return undefined;
}

const firstTwice = (values: string[]): string | undefined =>
  values.find((value, index) => values.indexOf(value) !== index);
