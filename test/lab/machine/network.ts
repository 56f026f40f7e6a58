import type { Namespace } from "./namespace.ts";
import { hostNumber, mac, onLink, type Port } from "./port.ts";
import { must, run } from "./process.ts";
import { type LinkQuality, SlowLink } from "./slow-link.ts";

export type { Port } from "./port.ts";

/** Which packets are lost. */
export type Traffic = "all" | "vrrp";

interface Loss {
  from: Port;
  to: Port;
  traffic: Traffic;
}

// A packet is lost by redirecting it to an unconnected cable. `action drop` needs act_gact, which small kernels lack; all have
// u32 and mirred.
const toSink = "action mirred egress redirect dev sink";
const everything = 1;

/** The network of the lab: one bridge, and a cable from it to the eth0 of each host. */
export class Network {
  readonly #lab: Namespace;
  /** What is lost between which hosts. Remembered, since a host that boots gets a new cable. */
  readonly #lost = new Map<string, Loss>();
  #slow: SlowLink | undefined;

  constructor(lab: Namespace) {
    this.#lab = lab;
  }

  async plugIn(port: Port, host: Namespace): Promise<void> {
    await this.#ip(
      `link add name ${port.name} type veth peer name eth0 address ${mac(port)} netns ${host.pid}`,
      `link set ${port.name} master lab up`,
    );
    const lost = [...this.#lost.values()].filter(({ to }) => to.name === port.name).map(lose);
    await this.#tc(`qdisc add dev ${port.name} clsact`, ...lost);
    await this.#addSlowFilters(port);
    const batch = `addr add ${onLink(port)}\nlink set eth0 up\n`;
    await must(host.enterNetwork(["ip", "-batch", "-"]), { input: batch });
  }

  /** Removes the cable. The kernel may have done so when the namespace of the host ended. */
  async unplug(port: Port): Promise<void> {
    await run(this.#lab.enterNetwork(["ip", "link", "del", port.name]));
  }

  /** Down: the host has no carrier. */
  carrier = (port: Port, state: "up" | "down"): Promise<void> => this.#ip(`link set ${port.name} ${state}`);

  /** Loses all packets from and to the host, which keeps its carrier. */
  async silence(port: Port): Promise<void> {
    const all = `protocol all pref ${everything} u32 match u32 0 0 ${toSink}`;
    await this.#tc(`filter add dev ${port.name} ingress ${all}`, `filter add dev ${port.name} egress ${all}`);
  }

  async unsilence(port: Port): Promise<void> {
    const sides = ["ingress", "egress"].map((side) => `filter del dev ${port.name} ${side} pref ${everything}`);
    await this.#tc(...sides);
  }

  /** Loses the packets that `from` sends to `to`. */
  async lose(from: Port, to: Port, traffic: Traffic = "all"): Promise<void> {
    const loss = { from, to, traffic };
    if (this.#lost.has(nameOf(loss))) return;
    this.#lost.set(nameOf(loss), loss);
    await this.#tc(lose(loss));
  }

  async pass(from: Port, to: Port, traffic: Traffic = "all"): Promise<void> {
    const loss = { from, to, traffic };
    if (!this.#lost.delete(nameOf(loss))) return;
    await this.#tc(`filter del dev ${to.name} egress pref ${prefOf(loss)}`);
  }

  /** Delays packets between two hosts, and loses some of them. One link can be slow at a time. */
  async slowDown(one: Port, other: Port, quality: LinkQuality): Promise<void> {
    if (this.#slow) throw new Error("a link is slow already");
    this.#slow = await SlowLink.open(this.#lab, [one, other], quality);
    await this.#tc(this.#slow.createDevice);
    // A host that is off gets its filters with its cable.
    for (const end of [one, other]) await this.#addSlowFilters(end).catch(() => undefined);
  }

  async endSlow(): Promise<void> {
    const slow = this.#slow;
    this.#slow = undefined;
    for (const end of slow?.ends ?? []) await this.#removeSlowFilters(slow, end);
    slow?.end();
  }

  async #addSlowFilters(end: Port): Promise<void> {
    const lines = this.#slow?.filtersFor(end) ?? [];
    if (lines.length === 0) return;
    await this.#removeSlowFilters(this.#slow, end);
    await this.#tc(...lines);
  }

  async #removeSlowFilters(slow: SlowLink | undefined, end: Port): Promise<void> {
    for (const line of slow?.noFiltersFor(end) ?? []) await this.#tc(line).catch(() => undefined);
  }

  /** Sets a queue of tc(8) for packets to the host, such as `netem delay 5ms` or `tbf rate 20mbit ...`. */
  async queue(port: Port, kind: string | undefined): Promise<void> {
    await run(this.#lab.enterNetwork(["tc", "qdisc", "del", "dev", port.name, "root"]));
    if (kind !== undefined) await this.#tc(`qdisc add dev ${port.name} root ${kind}`);
  }

  async #ip(...lines: string[]): Promise<void> {
    await must(this.#lab.enterNetwork(["ip", "-batch", "-"]), { input: `${lines.join("\n")}\n` });
  }

  async #tc(...lines: string[]): Promise<void> {
    await must(this.#lab.enterNetwork(["tc", "-batch", "-"]), { input: `${lines.join("\n")}\n` });
  }
}

const nameOf = ({ from, to, traffic }: Loss) => `${from.name}>${to.name} ${traffic}`;
const prefOf = ({ from, traffic }: Loss) => hostNumber(from) + (traffic === "vrrp" ? 300 : 0);

// Matches the hardware address at the receiver's end, so that ARP and packets of the VIP are lost, too.
function lose(loss: Loss): string {
  const which = loss.traffic === "vrrp" ? "protocol ip" : "protocol all";
  const vrrp = loss.traffic === "vrrp" ? " match ip protocol 112 0xff" : "";
  return `filter add dev ${loss.to.name} egress ${which} pref ${prefOf(loss)} u32 match ether src ${mac(loss.from)}${vrrp} ${toSink}`;
}
