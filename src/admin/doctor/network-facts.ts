import { networkInterfaces } from "node:os";
import spawn, { type SubprocessError } from "nano-spawn";
import type { Cluster, Node } from "../../cluster/schema.ts";
import { interfaceOf } from "../../keepalived/render.ts";
import { vipOf } from "../../keepalived/virtual-ip.ts";
import type { Advert, Answer, NetworkFacts } from "../../model/doctor.ts";
import { anyReachable } from "../../system/reachable.ts";
import { fact, NotThere } from "./fact.ts";

const program_ms = 2000;
const start_ms = 3000;
const adverts = 4;
const probe_ms = 500;
const vrrp = "ip proto 112 or ip6 proto 112";

/**
 * What this host hears. Keepalived's own counters do not tell who sends, so tcpdump(8) listens, if it is installed, for as long as the
 * holder takes for some adverts. `measure`: false spares that time.
 */
export async function readNetwork(cluster: Cluster, node: Node, measure: boolean): Promise<NetworkFacts> {
  const name = interfaceOf(cluster, node);
  const listen_ms = start_ms + adverts * cluster.vip.advert_interval * 1000;
  const spared = { unknown: "it was not listened for" };
  const others = cluster.nodes.filter((one) => one.name !== node.name);
  const [heard, firewall, answers] = measure
    ? await Promise.all([
        fact("tcpdump", () => listen(name, listen_ms)),
        fact("nft list ruleset", () => readFirewall(others)),
        fact("who answers for the virtual IP", () => readAnswers(cluster, others, name)),
      ])
    : [spared, spared, spared];
  return { interface: name, router_id: cluster.vip.router_id, adverts: heard, firewall, answers };
}

async function listen(name: string, listen_ms: number): Promise<Advert[]> {
  const args = ["-i", name, "-nn", "-l", "-t", "-Q", "in", vrrp];
  let listens = false;
  const running = spawn("tcpdump", args, { timeout: start_ms + listen_ms, stdin: "ignore" });
  const heard = run("tcpdump", running);
  // On a busy host it begins late, and what it missed is not silence.
  const child = await running.nodeChildProcess.catch(() => undefined);
  child?.stderr?.on("data", (text: Buffer) => {
    if (listens || !text.includes("listening on")) return;
    listens = true;
    setTimeout(() => child.kill(), listen_ms).unref();
  });
  const text = await heard;
  if (!listens) throw new Error(`it did not listen within ${start_ms / 1000} s`);
  return advertsIn(text);
}

/** A line such as `IP 192.0.2.11 > 192.0.2.12: VRRPv3, Advertisement, vrid 51, prio 254, ...`; tcpdump 4.99 adds a TTL that is not 255. */
export const advertsIn = (text: string): Advert[] =>
  [
    ...text.matchAll(/^IP6? (\S+) > \S+: (?:vrrp )?(?:.*: )?VRRPv\d, Advertisement, (?:\(ttl \d+\), )?vrid (\d+),/gm),
  ].map(([, from = "", vrid]) => ({ from, router_id: Number(vrid) }));

async function readFirewall(peers: readonly Node[]): Promise<{ dropsVrrp: boolean }> {
  const rules = await output("nft", ["list", "ruleset"], program_ms);
  return {
    dropsVrrp: dropsVrrp(
      rules,
      peers.map(({ address }) => address),
    ),
  };
}

/** Whether the rules drop what none of them accepts, and none names VRRP (IP protocol 112) or the address of a peer. */
export function dropsVrrp(rules: string, peers: readonly string[]): boolean {
  const drops =
    /hook input[^;]*;\s*policy drop/.test(rules) || /^\s*(?:reject with icmpx?\b.*|reject|drop)$/m.test(rules);
  const named = /\bvrrp\b|\b112\b/.test(rules) || peers.some((address) => rules.includes(address));
  return drops && !named;
}

async function readAnswers(cluster: Cluster, others: readonly Node[], name: string): Promise<Answer[]> {
  const vip = vipOf(cluster);
  const own = networkInterfaces()[name] ?? [];
  const here = own.some(({ address }) => address === vip);
  const port = cluster.redis.port;
  // The kernel asks for an address when something is sent to it.
  await anyReachable(
    [vip, ...others.map(({ address }) => address)].map((one) => `${one}:${port}`),
    probe_ms,
  );
  const macAddresses = macAddressesIn(await output("ip", ["neigh", "show", "dev", name], program_ms));
  const asked = vip.includes(":") ? undefined : await askArp(name, vip, here);
  if (asked === undefined && here) throw new NotThere("this host has it, and arping is not installed");
  const macs = asked ?? [macAddresses.get(vip)].filter((mac) => mac !== undefined);
  // The kernel may still be asking.
  if (asked === undefined && macs.length === 0) throw new NotThere(`the kernel has not heard who has ${vip}`);
  const known = new Map(
    others.flatMap((one): [string, string][] => {
      const mac = macAddresses.get(one.address);
      return mac === undefined ? [] : [[mac, one.name]];
    }),
  );
  return [...new Set(macs)].map((mac) => ({ mac, node: known.get(mac) }));
}

/** Lines such as `192.0.2.12 lladdr 02:00:00:00:00:0c REACHABLE`. */
export const macAddressesIn = (text: string): Map<string, string> =>
  new Map(
    [...text.matchAll(/^(\S+) .*lladdr (\S+)/gm)].map(([, address = "", mac = ""]) => [address, mac.toLowerCase()]),
  );

/** Who answers an ARP request, by arping(8) of iputils; undefined if it is not installed. On the holder as for a duplicate address. */
async function askArp(name: string, vip: string, here: boolean): Promise<string[] | undefined> {
  const args = [...(here ? ["-D"] : []), "-c", "2", "-w", "1", "-I", name, vip];
  try {
    return repliesIn(await output("arping", args, program_ms));
  } catch (error) {
    if (error instanceof NotThere) return undefined;
    throw error;
  }
}

/** Lines such as `Unicast reply from 192.0.2.120 [02:00:00:00:00:0B]  0.6ms`. */
export const repliesIn = (text: string): string[] =>
  [...text.matchAll(/reply from \S+ \[([0-9A-Fa-f:]{17})\]/g)].map(([, mac = ""]) => mac.toLowerCase());

const output = (program: string, args: string[], deadline_ms: number): Promise<string> =>
  run(program, spawn(program, args, { timeout: deadline_ms, stdin: "ignore" }));

/** What a program prints, whatever its exit code. Rejects if it can't be run, or prints nothing but an error. */
async function run(program: string, running: Promise<{ stdout: string }>): Promise<string> {
  try {
    return (await running).stdout;
  } catch (error) {
    const { stdout, stderr, signalName, cause } = error as SubprocessError;
    if ((cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT")
      throw new NotThere(`${program} is not installed`);
    if (stdout === "" && signalName === undefined)
      throw new Error(stderr.split("\n").at(-1) || (error as Error).message);
    return stdout;
  }
}
