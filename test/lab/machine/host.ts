import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { Disk } from "./disk.ts";
import { continueProcesses, stopProcesses } from "./host-processes.ts";
import { type Namespace, openHost } from "./namespace.ts";
import type { Network } from "./network.ts";
import { hexDigits, type Port } from "./port.ts";
import { monotonic_ms, type Outcome, type RunOptions, run, sleep, start } from "./process.ts";
import type { LinkQuality } from "./slow-link.ts";

/** A host: a disk, a cable to the bridge and, while it is on, its own processes. */
export class Host implements Port {
  readonly name: string;
  readonly address: string;
  readonly disk: Disk;
  /** The tree of the system that it boots, such as one of debootstrap(8); empty: the system of this machine. */
  system = "";
  readonly #lab: Namespace;
  readonly #network: Network;
  #running: Namespace | undefined;
  #cut: "silently" | "carrier" | undefined;
  #paused: number[] = [];

  constructor(name: string, address: string, lab: Namespace, network: Network) {
    this.name = name;
    this.address = address;
    this.#lab = lab;
    this.#network = network;
    this.disk = new Disk(lab, name);
  }

  get isOn(): boolean {
    return this.#running !== undefined;
  }

  /** Process 1 of the host as seen from the machine; undefined while it is off. */
  get firstProcess(): number | undefined {
    return this.#running?.pid;
  }

  /** Resolves once the host has ended with its lab. */
  async ended(): Promise<void> {
    await this.#running?.ended();
    this.#running = undefined;
  }

  /** Boots the host. Services that ran before are not started. */
  async powerOn(): Promise<void> {
    if (this.#running) return;
    const host = await openHost(this.#lab, this.name, this.disk.inLab, this.system);
    await this.#network.plugIn(this, host);
    this.#running = host;
  }

  /** Cuts the power: no connection is closed. The disk keeps what was written to it. */
  async powerOff(): Promise<void> {
    if (!this.#running) return;
    await this.#network.silence(this);
    await this.#running.end();
    this.#running = undefined;
    await this.#network.unplug(this);
    this.#cut = undefined;
    this.#paused = [];
  }

  /** Stops all its processes, as when a virtual machine stands still. Its kernel still answers. */
  pause(): void {
    this.#paused = [...this.#paused, ...stopProcesses(this.#on.pid)];
  }

  /** Ends a `pause`. Processes that were stopped before it stay so. */
  resume(): void {
    continueProcesses(this.#paused.splice(0));
  }

  get isPaused(): boolean {
    return this.#paused.length > 0;
  }

  /** Pulls the cable, so that the host has no carrier. `silently`: loses all packets, but the host keeps its carrier. */
  async cutOff({ silently = false } = {}): Promise<void> {
    await (silently ? this.#network.silence(this) : this.#network.carrier(this, "down"));
    this.#cut = silently ? "silently" : "carrier";
  }

  async heal(): Promise<void> {
    if (this.#cut === "silently") await this.#network.unsilence(this);
    if (this.#cut === "carrier") {
      await this.#network.carrier(this, "up");
      await this.#carrierSeen();
    }
    this.#cut = undefined;
  }

  // The kernel checks the carrier once a second, and sends packets only after that.
  async #carrierSeen(): Promise<void> {
    const end = monotonic_ms() + 5000;
    while (!/ state UP /.test((await this.exec(["ip", "-oneline", "link", "show", "eth0"])).stdout)) {
      if (monotonic_ms() > end) throw new Error(`${this.name}: eth0 has no carrier 5 s after its cable is back`);
      await sleep(10);
    }
  }

  /** Loses all packets between this host and another one. `oneWay`: only those that this host sends. */
  async cutFrom(other: Host, { oneWay = false } = {}): Promise<void> {
    await this.#network.lose(this, other);
    if (!oneWay) await this.#network.lose(other, this);
  }

  async healFrom(other: Host): Promise<void> {
    await this.#network.pass(this, other);
    await this.#network.pass(other, this);
  }

  /** Loses the VRRP adverts that this host sends to another one. */
  blockVrrpTo(other: Host): Promise<void> {
    return this.#network.lose(this, other, "vrrp");
  }

  allowVrrpTo(other: Host): Promise<void> {
    return this.#network.pass(this, other, "vrrp");
  }

  /** Delays packets between this host and another one both ways, and loses some. One link can be slow at a time. */
  slowDown(other: Host, quality: LinkQuality): Promise<void> {
    return this.#network.slowDown(this, other, quality);
  }

  endSlow(): Promise<void> {
    return this.#network.endSlow();
  }

  /** Delays every packet to this host by `ms`; 0 ends that. Needs a kernel with netem. */
  delay(ms: number): Promise<void> {
    return this.#network.queue(this, ms === 0 ? undefined : `netem delay ${ms}ms`);
  }

  /** Limits all traffic to this host, VRRP adverts included, to `megabits` a second, so that a full copy takes time; 0 ends that. */
  bandwidth(megabits: number): Promise<void> {
    const queue = `tbf rate ${megabits}mbit burst 16kb latency 100ms`;
    return this.#network.queue(this, megabits === 0 ? undefined : queue);
  }

  /** Runs a command on the host as root, whatever its exit code. */
  exec(argv: readonly string[], options?: RunOptions): Promise<Outcome> {
    return run(this.#on.enter(argv), options);
  }

  /** As `exec`, and rejects unless the command ends with 0. */
  async must(argv: readonly string[], options?: RunOptions): Promise<Outcome> {
    const outcome = await this.exec(argv, options);
    if (outcome.code === 0) return outcome;
    throw new Error(`${this.name}: exit ${outcome.code}: ${argv.join(" ")}\n${outcome.stdout}${outcome.stderr}`);
  }

  /** Starts a command and does not wait for its end. It ends with the host at the latest. */
  spawn(argv: readonly string[]): ChildProcess {
    return start(this.#on.enter(argv));
  }

  /** The path of a file or socket of the running host as the tests see it, /run and /tmp included. */
  at(path: string): string {
    return `/proc/${this.#on.pid}/root${path}`;
  }

  /** Whether the host has this address now, read from the kernel without starting a process. */
  hasAddress(address: string): boolean {
    if (!this.#running) return false;
    const net = `/proc/${this.#running.pid}/net`;
    if (isIPv6(address)) return readFileSync(`${net}/if_inet6`, "utf8").includes(hexDigits(address));
    const table = readFileSync(`${net}/fib_trie`, "utf8");
    return new RegExp(`\\|-- ${address.replaceAll(".", "\\.")}\\n\\s+/32 host LOCAL`).test(table);
  }

  /** The command line that opens a shell on the host. */
  enterCommand(): string {
    return this.#on.enter(["sh"]).join(" ");
  }

  get #on(): Namespace {
    if (!this.#running) throw new Error(`${this.name} is powered off`);
    return this.#running;
  }
}
