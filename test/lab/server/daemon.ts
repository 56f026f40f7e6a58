import type { Host } from "../machine/host.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import { type HostProcess, isAlive, processesOf } from "../machine/processes.ts";

// Redis waits up to ten seconds for a replica that lags before it ends (shutdown-timeout).
const gone_ms = 15_000;

/** A service of a host: what starts it, and which of the host's processes it is. */
export interface Service {
  /** As in /proc/PID/comm, 15 characters at most. */
  name: string;
  startCommand: readonly string[];
  /** Which of the processes of that name, when others may have it too. */
  isOurs?(process: HostProcess, host: Host): boolean;
}

/** A service running on a host, and all that can happen to it. Signals are sent from outside: that takes no time. */
export class Daemon {
  readonly #host: Host;
  readonly #service: Service;

  constructor(host: Host, service: Service) {
    this.#host = host;
    this.#service = service;
  }

  /** Its processes, hung ones too; the main one comes first, being the parent of the others. */
  processes(): HostProcess[] {
    const { name, isOurs } = this.#service;
    if (this.#host.firstProcess === undefined) return [];
    return processesOf(this.#host.firstProcess).filter(
      (one) => one.name === name && (isOurs?.(one, this.#host) ?? true),
    );
  }

  get runs(): boolean {
    return this.processes().length > 0;
  }

  async start(args: readonly string[] = []): Promise<void> {
    await this.#host.must([...this.#service.startCommand, ...args]);
  }

  /** Asks it to end (SIGTERM to its main process) and waits until it has. */
  async stop(): Promise<void> {
    const all = this.#running();
    signal("SIGTERM", all.slice(0, 1));
    await this.#gone(all);
  }

  /** kill -9 of all its processes. */
  async kill(): Promise<void> {
    const all = this.#running();
    // Frozen first: Keepalived's child would otherwise see its parent die, and take the VIP away in good order.
    signal("SIGSTOP", all);
    signal("SIGKILL", all);
    await this.#gone(all);
  }

  async hang(): Promise<void> {
    signal("SIGSTOP", this.#running());
  }

  async resume(): Promise<void> {
    signal("SIGCONT", this.#running());
  }

  async reload(): Promise<void> {
    signal("SIGHUP", this.#running().slice(0, 1));
  }

  #running(): HostProcess[] {
    const all = this.processes();
    if (all.length === 0) throw new Error(`${this.#host.name}: no ${this.#service.name} runs`);
    return all;
  }

  async #gone(all: readonly HostProcess[]): Promise<void> {
    const end = monotonic_ms() + gone_ms;
    while (all.some(({ pid }) => isAlive(pid))) {
      if (monotonic_ms() > end)
        throw new Error(`${this.#host.name}: ${this.#service.name} runs on after ${gone_ms} ms`);
      await sleep(2);
    }
  }
}

function signal(name: NodeJS.Signals, processes: readonly HostProcess[]): void {
  for (const { pid } of processes) process.kill(pid, name);
}
