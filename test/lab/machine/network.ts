import type { Namespace } from "./namespace.ts";
import { must, run } from "./process.ts";

/** A host's connection to the network. */
export interface Port {
  /** The name of the host, and of the interface at the bridge's end of its cable. */
  name: string;
  address: string;
}

const hostNumber = ({ address }: Port) => Number(address.split(".").at(-1));
const mac = (port: Port) => `02:00:c0:00:02:${hostNumber(port).toString(16).padStart(2, "0")}`;
// A packet is lost by redirecting it to an unconnected cable. `action drop` needs act_gact, which small kernels lack; all have
// u32 and mirred.
const toSink = "action mirred egress redirect dev sink";
const everything = 1;

/** The network of the lab: one bridge, and a cable from it to the eth0 of each host. */
export class Network {
  readonly #lab: Namespace;
  /** The pairs `FROM>TO` whose packets are lost. Remembered, since a host that boots gets a new cable. */
  readonly #lost = new Map<string, { from: Port; to: Port }>();

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
    const batch = `addr add ${port.address}/24 dev eth0\nlink set eth0 up\n`;
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

  /** Loses all packets that `from` sends to `to`. */
  async lose(from: Port, to: Port): Promise<void> {
    if (this.#lost.has(pair(from, to))) return;
    this.#lost.set(pair(from, to), { from, to });
    await this.#tc(lose({ from, to }));
  }

  async pass(from: Port, to: Port): Promise<void> {
    if (!this.#lost.delete(pair(from, to))) return;
    await this.#tc(`filter del dev ${to.name} egress pref ${hostNumber(from)}`);
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

const pair = (from: Port, to: Port) => `${from.name}>${to.name}`;

// Matches the hardware address at the receiver's end, so that ARP and packets of the VIP are lost, too.
const lose = ({ from, to }: { from: Port; to: Port }) =>
  `filter add dev ${to.name} egress protocol all pref ${hostNumber(from)} u32 match ether src ${mac(from)} ${toSink}`;
