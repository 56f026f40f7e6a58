import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Namespace } from "./namespace.ts";
import { hostNumber, mac, type Port } from "./port.ts";
import { endGroup, start } from "./process.ts";

/** The quality of a bad link. */
export interface LinkQuality {
  /** Each way. */
  delay_ms: number;
  lost_percent: number;
}

const device = "slow";
const pref = 400;
const start_ms = 3000;
const program = readFileSync(new URL("slow-link.pl", import.meta.url), "utf8");

/** Delays and loses frames between two hosts, also those of VRRP. Broadcasts pass at once. */
export class SlowLink {
  readonly #ends: readonly [Port, Port];
  readonly #process: ChildProcess;

  private constructor(ends: readonly [Port, Port], process: ChildProcess) {
    this.#ends = ends;
    this.#process = process;
  }

  /** Needs /dev/net/tun, which only real root may open on most systems. */
  static async open(lab: Namespace, ends: readonly [Port, Port], quality: LinkQuality): Promise<SlowLink> {
    const words = [device, String(quality.delay_ms), String(quality.lost_percent)];
    const child = start(lab.enterNetwork(["perl", "-e", program, ...words]));
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    const ready = once(child.stdout as NodeJS.EventEmitter, "data", { signal: AbortSignal.timeout(start_ms) });
    const ended = once(child, "exit").then(() => Promise.reject(new Error(`no slow link: ${errors.trim()}`)));
    await Promise.race([ready, ended]);
    ended.catch(() => undefined);
    return new SlowLink(ends, child);
  }

  /** Lines of tc(8) that lead the frames of one end through the device. */
  filtersFor(end: Port): string[] {
    const other = this.#ends.find(({ name }) => name !== end.name);
    if (!other || this.#ends.every(({ name }) => name !== end.name)) return [];
    const to = (port: Port, dev: string) => `u32 match ether dst ${mac(port)} action mirred egress redirect dev ${dev}`;
    return [
      `filter add dev ${end.name} ingress protocol all pref ${pref} ${to(other, device)}`,
      `filter add dev ${device} ingress protocol all pref ${hostNumber(end)} ${to(end, end.name)}`,
    ];
  }

  /** Lines of tc(8) that remove these filters. They fail where the cable was removed meanwhile. */
  noFiltersFor(end: Port): string[] {
    return [
      `filter del dev ${end.name} ingress pref ${pref}`,
      `filter del dev ${device} ingress pref ${hostNumber(end)}`,
    ];
  }

  get ends(): readonly [Port, Port] {
    return this.#ends;
  }

  get createDevice(): string {
    return `qdisc add dev ${device} clsact`;
  }

  /** The device ends with its process. */
  end(): void {
    endGroup(this.#process);
  }
}
